namespace Sam.Core.Rows;

/// <summary>The row store could not be asked. The message is for operators' logs and never leaves in an answer.</summary>
public sealed class RowStoreException : Exception
{
    /// <summary>The row store could not be asked.</summary>
    public RowStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
