namespace Sam.Core.Officers;

/// <summary>How privileged users come to be: section <c>Sam:Officers</c>.</summary>
public sealed class OfficerPolicy
{
    private static readonly TimeSpan _minimum = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _maximum = TimeSpan.FromDays(30);

    /// <summary>
    /// SHA-256 of the one-time secret of the initialisation, 64 hexadecimal digits. The deployment makes the secret and keeps this digest in the platform's settings. Null: this deployment
    /// cannot be initialised.
    /// </summary>
    public string? InitializationSecretDigest { get; set; }

    /// <summary>How long a proposal may be approved: 1 minute to 30 days.</summary>
    public TimeSpan ProposalLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long an enrolment code of a privileged user is good: 1 minute to 30 days.</summary>
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromDays(2);

    /// <summary>The name of a setting that is out of its bounds, and its bounds; null if all are well.</summary>
    internal string? FindFault() =>
        InitializationSecretDigest is { } digest && (digest.Length != 64 || !digest.All(char.IsAsciiHexDigit)) ? "Officers:InitializationSecretDigest is a SHA-256, 64 hexadecimal digits."
        : !IsWithin(ProposalLifetime) ? "Officers:ProposalLifetime is 1 minute to 30 days."
        : !IsWithin(CodeLifetime) ? "Officers:CodeLifetime is 1 minute to 30 days."
        : null;

    private static bool IsWithin(TimeSpan time) => time >= _minimum && time <= _maximum;
}
