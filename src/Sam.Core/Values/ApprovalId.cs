namespace Sam.Core.Values;

/// <summary>An approval that was asked for; its transaction has the same id. 16 random bytes, in hexadecimal.</summary>
public readonly record struct ApprovalId
{
    private const int Bytes = 16;

    private ApprovalId(string value) => Value = value;

    /// <summary>The id as text, lower-case.</summary>
    public string Value { get; }

    /// <summary>A fresh random id.</summary>
    public static ApprovalId New() => new(RandomIds.New(Bytes));

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out ApprovalId id)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        id = valid ? new ApprovalId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
