using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Officers;

namespace Sam.Core;

/// <summary>Times and limits of the module.</summary>
public sealed record ActivationModuleOptions
{
    /// <summary>The times of a signature.</summary>
    public ActivationPolicy Activation { get; init; } = new();

    /// <summary>How PINs are checked.</summary>
    public PinPolicy Pin { get; init; } = new();

    /// <summary>Which keys signers get.</summary>
    public KeyPolicy Keys { get; init; } = new();

    /// <summary>Which levels there are.</summary>
    public LevelPolicy Levels { get; init; } = new();

    /// <summary>How factors are kept from the applications that carry them.</summary>
    public EncryptionPolicy Encryption { get; init; } = new();

    /// <summary>How privileged users come to be.</summary>
    public OfficerPolicy Officers { get; init; } = new();

    /// <summary>Which certificates keys may have.</summary>
    public CertificatePolicy Certificates { get; init; } = new();

    /// <summary>How the audit is made verifiable.</summary>
    public AuditPolicy Audit { get; init; } = new();

    /// <summary>Null when all are within their bounds; otherwise the first that is not, with its bounds.</summary>
    public string? FindFault() =>
        !Within(Activation.SadLifetime, 1, 300) ? "Activation:SadLifetime is 1 s to 300 s."
        : Activation.MaxTransactionLife < Activation.SadLifetime || Activation.MaxTransactionLife > TimeSpan.FromHours(24) ? "Activation:MaxTransactionLife is Activation:SadLifetime to 24 h."
        : !Within(Activation.ApprovalLifetime, 30, 900) ? "Activation:ApprovalLifetime is 30 s to 15 min."
        : !Within(Activation.MaxLoginAge, 30, 900) ? "Activation:MaxLoginAge is 30 s to 15 min."
        : !Within(Activation.Retention, 0, 31_536_000) ? "Activation:Retention is at most a year."
        : !Within(Activation.MaxSpendToKeyUse, 0.1, 2) ? "Activation:MaxSpendToKeyUse is 0.1 s to 2 s."
        : !Within(Activation.MaxSpendToRelease, 1, 10) ? "Activation:MaxSpendToRelease is 1 s to 10 s."
        : Activation.MaxDigestsInHand is < 1 or > 100_000 ? "Activation:MaxDigestsInHand is 1 to 100000."
        : Pin.MaxAttempts is < 1 or > 10 ? "Pin:MaxAttempts is 1 to 10."
        : Pin.MaxAttemptsEver < Pin.MaxAttempts || Pin.MaxAttemptsEver > 1_000 ? "Pin:MaxAttemptsEver is Pin:MaxAttempts to 1000."
        : !Pin.Cost.IsValid() ? "Pin:Cost is out of the bounds of Argon2id."
        : Pin.MaxConcurrentEvaluations is < 1 or > 256 ? "Pin:MaxConcurrentEvaluations is 1 to 256."
        : Officers.FindFault() ?? Levels.FindFault() ?? Encryption.FindFault() ?? Keys.FindFault() ?? Certificates.FindFault() ?? Audit.FindFault();

    private static bool Within(TimeSpan time, double minSeconds, double maxSeconds) =>
        time >= TimeSpan.FromSeconds(minSeconds) && time <= TimeSpan.FromSeconds(maxSeconds);
}
