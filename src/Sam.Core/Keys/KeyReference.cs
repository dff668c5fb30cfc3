using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Keys;

/// <summary>A key's name inside its HSM, as its backend spells it: 1 to 255 printable ASCII characters (PKCS#11: the hex of CKA_ID).</summary>
public readonly record struct KeyReference
{
    private KeyReference(string value) => Value = value;

    /// <summary>The name.</summary>
    public string Value { get; }

    /// <summary>Takes a name of 1 to 255 printable ASCII characters without blanks; false for any other text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KeyReference reference)
    {
        bool valid = text is { Length: > 0 and <= 255 } && text.All(c => c is > ' ' and < '\x7f');
        reference = valid ? new KeyReference(text!) : default;
        return valid;
    }

    /// <summary>Takes a name that this SAM wrote itself.</summary>
    /// <exception cref="FormatException">The text is no key reference.</exception>
    public static KeyReference Parse(string text) =>
        TryParse(text, out KeyReference reference) ? reference : throw new FormatException("Not a key reference.");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
