namespace Sam.Core.Values;

/// <summary>A signature creation application, as its tokens name it: 1 to 255 printable ASCII characters, case-sensitive.</summary>
public readonly record struct ClientId
{
    private ClientId(string value) => Value = value;

    /// <summary>The id as its issuer spells it.</summary>
    public string Value { get; }

    /// <summary>Takes 1 to 255 printable ASCII characters; false for any other text.</summary>
    public static bool TryParse(string? text, out ClientId id)
    {
        bool valid = text is { Length: > 0 and <= 255 } && text.All(c => c is >= ' ' and < '\x7f');
        id = valid ? new ClientId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
