using System.Globalization;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A proposal: the second in which it was made, 8 hexadecimal digits, and 12 random bytes, so that a list of them is in the order of time.</summary>
public readonly record struct ProposalId
{
    private const int Bytes = 16;
    private const int RandomBytes = 12;

    private ProposalId(string value) => Value = value;

    /// <summary>The id as text, lower-case, 32 characters.</summary>
    public string Value { get; }

    /// <summary>A fresh id.</summary>
    public static ProposalId New(DateTimeOffset now) =>
        new(((uint)now.ToUnixTimeSeconds()).ToString("x8", CultureInfo.InvariantCulture) + RandomIds.New(RandomBytes));

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out ProposalId id)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        id = valid ? new ProposalId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
