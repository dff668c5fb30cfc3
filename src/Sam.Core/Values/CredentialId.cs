namespace Sam.Core.Values;

/// <summary>
/// A credential, as the CSC API names it (<c>credentialID</c>): the signer's id, a dash, and 8 random bytes in hexadecimal.
/// It carries its signer's id so that all rows of a decision stand in one partition that needs no look-up first.
/// </summary>
public readonly record struct CredentialId
{
    private const int SuffixBytes = 8;
    private const int SignerLength = 32;

    private CredentialId(string value) => Value = value;

    /// <summary>The id as text, lower-case, 49 characters.</summary>
    public string Value { get; }

    /// <summary>The signer it belongs to.</summary>
    public SignerId Signer => SignerId.TryParse(Value[..SignerLength], out SignerId signer)
        ? signer
        : throw new InvalidOperationException("The credential id was never set.");

    /// <summary>What tells it from the signer's other credentials.</summary>
    public string Suffix => Value[(SignerLength + 1)..];

    /// <summary>A fresh random id for a credential of this signer.</summary>
    public static CredentialId New(SignerId signer) => new($"{signer.Value}-{RandomIds.New(SuffixBytes)}");

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out CredentialId id)
    {
        bool valid = text is not null
            && text.Length == SignerLength + 1 + (2 * SuffixBytes)
            && SignerId.TryParse(text[..SignerLength], out _)
            && text[SignerLength] == '-'
            && RandomIds.IsHex(text.AsSpan(SignerLength + 1), SuffixBytes);
        id = valid ? new CredentialId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
