namespace Sam.Core.Values;

/// <summary>One attempt to sign: what a spend, its key uses and its audit records have in common. 16 random bytes, in hexadecimal.</summary>
public readonly record struct OperationId
{
    private const int Bytes = 16;

    private OperationId(string value) => Value = value;

    /// <summary>The id as text, lower-case.</summary>
    public string Value { get; }

    /// <summary>A fresh random id.</summary>
    public static OperationId New() => new(RandomIds.New(Bytes));

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out OperationId id)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        id = valid ? new OperationId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
