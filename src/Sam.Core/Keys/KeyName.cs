using Sam.Core.Values;

namespace Sam.Core.Keys;

/// <summary>
/// What a signing key is called before it exists: 16 random bytes, in hexadecimal. Its maker writes the name down first, so that a key that no row came of is found again and destroyed.
/// </summary>
public readonly record struct KeyName
{
    private const int Bytes = 16;

    private KeyName(string value) => Value = value;

    /// <summary>The name as text, lower-case, 32 characters.</summary>
    public string Value { get; }

    /// <summary>A fresh random name.</summary>
    public static KeyName New() => new(RandomIds.New(Bytes));

    /// <summary>Takes a name in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out KeyName name)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        name = valid ? new KeyName(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
