namespace Sam.Core.Keys;

/// <summary>An HSM failed. The message is for operators' logs and never leaves in an answer.</summary>
public sealed class KeyBackendException : Exception
{
    /// <summary>An HSM failed in a known way.</summary>
    public KeyBackendException(KeyBackendFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>The kind.</summary>
    public KeyBackendFailure Failure { get; }
}
