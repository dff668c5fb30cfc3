namespace Sam.Core.Audit;

/// <summary>An audit record could not be made durable in time.</summary>
public sealed class AuditUnavailableException : Exception
{
    /// <summary>An audit record could not be made durable in time.</summary>
    public AuditUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
