namespace Sam.Core.Values;

/// <summary>A signer, as the SAM names them. 16 random bytes, in hexadecimal.</summary>
public readonly record struct SignerId
{
    private const int Bytes = 16;

    private SignerId(string value) => Value = value;

    /// <summary>The id as text, lower-case.</summary>
    public string Value { get; }

    /// <summary>A fresh random id.</summary>
    public static SignerId New() => new(RandomIds.New(Bytes));

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out SignerId id)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        id = valid ? new SignerId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
