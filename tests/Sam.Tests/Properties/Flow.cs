using Sam.Core.Activation;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;

namespace Sam.Tests.Properties;

/// <summary>An act under way, and what was seen of it.</summary>
internal sealed class Flow
{
    internal Flow(Act act, bool alone)
    {
        Act = act;
        Alone = alone;
    }

    internal Act Act { get; }

    /// <summary>Nothing else happens meanwhile.</summary>
    internal bool Alone { get; }

    internal Task? Task { get; set; }

    internal bool HasCrashed { get; set; }

    internal bool HasEnded => HasCrashed || Task is { IsCompleted: true };

    internal CancellationTokenSource HangUp { get; } = new();

    internal int Calls { get; set; }

    /// <summary>The call that the fault hit.</summary>
    internal RowStoreCall? Hit { get; set; }

    /// <summary>The write whose fate is still to be told.</summary>
    internal RowStoreCall? Doomed { get; set; }

    /// <summary>When each write was made up, which is when it was sealed.</summary>
    internal Dictionary<RowAddress, DateTimeOffset> SealedAt { get; } = [];

    /// <summary>What the rows that it replaces were, just before.</summary>
    internal Dictionary<RowAddress, Seen> Replaced { get; } = [];

    internal AuthorizeRequest? Authorization { get; set; }

    internal SignHashRequest? Signing { get; set; }

    /// <summary>The SAD that was handed in, when it is one that was issued.</summary>
    internal Issued? Sad { get; set; }

    /// <summary>The version of the credential's row that it read last.</summary>
    internal RowETag VersionRead { get; set; }

    /// <summary>The row of the SAD that it is about to issue.</summary>
    internal (RowAddress Address, RowETag ETag, DateTimeOffset ExpiresAt)? Inserted { get; set; }

    /// <summary>What there was to be seen from its begin to its spend, or to its end if it spends nothing.</summary>
    internal List<Moment> Before { get; } = [];

    /// <summary>What there was to be seen when the spend arrived.</summary>
    internal Moment? AtSpend { get; set; }

    /// <summary>What there was to be seen from then on.</summary>
    internal List<Moment> After { get; } = [];

    /// <summary>How often its spend was written: a second time when it arrived late.</summary>
    internal int SpendWrites { get; set; }

    internal string? Operation { get; set; }

    internal int ClockReadings { get; set; }

    internal bool HsmReached { get; set; }

    internal int Signed { get; set; }

    internal IReadOnlyList<byte[]> Signatures { get; set; } = [];

    /// <summary>The number of the PIN that it sets.</summary>
    internal int NewPin { get; set; }

    /// <summary>Its PIN has been evaluated: hanging up stops it no more.</summary>
    internal bool IsEvaluated { get; set; }

    /// <summary>It set the counters of attempts to nothing.</summary>
    internal bool ForgetsAttempts { get; set; }

    internal SecretText? IssuedSad { get; set; }

    /// <summary><c>Signed</c>, <c>Issued</c>, <c>Done</c>, a cause, or <c>!</c> and an exception.</summary>
    internal string Outcome { get; set; } = "none";

    internal Caller? Caller => Authorization?.Caller ?? Signing?.Caller;
}

/// <summary>What the rows that decide a request were at a moment.</summary>
internal sealed record Moment(DateTimeOffset Time, Seen Transaction, Seen Client, Seen Credential, Seen Counters);

/// <summary>A SAD that was issued, and what it stands for.</summary>
internal sealed class Issued
{
    internal required string Text { get; init; }

    internal required RowAddress Address { get; init; }

    internal required RowETag ETag { get; init; }

    internal required ClientId Client { get; init; }

    internal required CredentialId Credential { get; init; }

    internal required IReadOnlyList<Digest> Digests { get; init; }

    internal required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The version of the credential's row that it is bound to: the one that was read to issue it.</summary>
    internal required RowETag Version { get; init; }

    internal int Spends { get; set; }

    internal int Uses { get; set; }

    internal int Releases { get; set; }
}
