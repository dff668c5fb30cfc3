using System.Text.RegularExpressions;

namespace Sam.Tests.Architecture;

/// <summary>
/// Finds comparisons of secrets that end early and so tell by their time how much was right: <c>==</c>, <c>!=</c>, <c>Equals</c>, <c>SequenceEqual</c> where
/// an operand's name ends in a secret's word. <c>CryptographicOperations.FixedTimeEquals</c> is what they want.
/// </summary>
internal static partial class SecretComparison
{
    private static readonly string[] _secretWords =
        ["sad", "pin", "tag", "mac", "hmac", "secret", "password", "verifier", "token", "pepper", "otp", "totp"];

    // These end in such a word and are no secrets: versions of rows, and the tag of a metric.
    private static readonly string[] _noSecrets = ["ETag", "CredentialETag", "TransactionETag", "CauseTag"];

    internal static IEnumerable<string> Find(SourceFile source) =>
        from line in Enumerable.Range(0, source.Lines.Count)
        where IsFound(source.Lines[line])
        select source.Place(line);

    private static bool IsFound(string line)
    {
        string code = Comment().Replace(line, string.Empty);
        return Operators().Matches(code).Any(m => !IsPublic(m.Groups["left"].Value) && !IsPublic(m.Groups["right"].Value) && (IsSecret(m.Groups["left"].Value) || IsSecret(m.Groups["right"].Value)))
            || Calls().Matches(code).Any(m => IsSecret(m.Groups["subject"].Value) || m.Groups["arguments"].Value.Split(',').Any(a => IsSecret(a.Trim())));
    }

    /// <summary>Compared with null, a number or a character, nothing is compared byte by byte.</summary>
    private static bool IsPublic(string operand) => operand is "null" or "default" || operand.Length == 0 || char.IsAsciiDigit(operand[0]) || operand[0] == '\'';

    private static bool IsSecret(string operand)
    {
        string name = LastName().Match(operand).Groups["name"].Value;
        return name.Length > 0
            && !_noSecrets.Contains(name)
            && _secretWords.Contains(LastWord().Match(name).Value, StringComparer.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"(^|\s)//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<left>[\w.()!?]+)\s*(==|!=)\s*(?<right>[\w.()!?']+)")]
    private static partial Regex Operators();

    [GeneratedRegex(@"(?<subject>[\w.()!?]+)\.(SequenceEqual|Equals)\((?<arguments>[^;]*)")]
    private static partial Regex Calls();

    // The last name of a chain, past calls that only change its type: tag.AsSpan(), sad.Reveal().
    [GeneratedRegex(@"(?<name>\w+)!?(\.(Value|Span|Memory|AsSpan\(\)|ToArray\(\)|Reveal\(\)|RevealUtf8\(\)|ToString\(\)))*\)*$")]
    private static partial Regex LastName();

    [GeneratedRegex("([A-Z]?[a-z]+|[A-Z]+)$")]
    private static partial Regex LastWord();
}
