using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A privileged user, as the SAM names them. 16 random bytes, in hexadecimal.</summary>
public readonly record struct OfficerId
{
    private const int Bytes = 16;

    private OfficerId(string value) => Value = value;

    /// <summary>The id as text, lower-case, 32 characters.</summary>
    public string Value { get; }

    /// <summary>A fresh random id.</summary>
    public static OfficerId New() => new(RandomIds.New(Bytes));

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out OfficerId id)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        id = valid ? new OfficerId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
