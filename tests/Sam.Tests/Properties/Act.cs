using Sam.Testing.InMemory;

namespace Sam.Tests.Properties;

/// <summary>
/// What somebody does in a sequence, as plain data: a sequence is printed, run again and shortened by it. Numbers choose among what there is at that time, so any part of a
/// sequence is a sequence.
/// </summary>
internal abstract record Act
{
    internal virtual Fault? Fault => null;
}

/// <summary>One who asks for a SAD.</summary>
internal sealed record Authorize(
    int Process, int Client, int User, int Credential, IReadOnlyList<int> Documents, bool OtherHash, bool Mixed, int Off, PinGiven Pin, Fault? Mishap) : Act
{
    internal override Fault? Fault => Mishap;
}

/// <summary>One who hands in any SAD ever issued (counted from the newest), or a forgery of it. Client and credential: -1 for the SAD's own.</summary>
internal sealed record Sign(
    int Process, int Sad, Forgery Forgery, int Spot, int Client, int User, int Credential, Naming Naming, int Pick, int Algorithm, HsmFault Hsm, Fault? Mishap) : Act
{
    internal override Fault? Fault => Mishap;
}

/// <summary>A client is stopped or approved.</summary>
internal sealed record SetClient(int Process, int Client, bool Approved) : Act;

/// <summary>A credential is suspended or resumed.</summary>
internal sealed record SetCredential(int Process, int Credential, bool Suspended) : Act;

/// <summary>A signer gets a new PIN.</summary>
internal sealed record SetPin(int Process, int Signer) : Act;

/// <summary>Time passes.</summary>
internal sealed record Turn(Until Until, int Which) : Act;

/// <summary>Somebody with the storage account's keys writes.</summary>
internal sealed record Attack(Tampering What, int Row, int Other) : Act;

/// <summary>A process ends and another begins.</summary>
internal sealed record Restart(int Process) : Act;

/// <summary>What befalls one act, at the given call to the store (counted from 0) where it is a matter of one call.</summary>
internal sealed record Fault(int Call, FaultKind Kind);

/// <summary>Acts that happen at once: each stops before every call to store and HSM, and the schedule says who goes on.</summary>
internal sealed record Step(IReadOnlyList<Act> Acts, IReadOnlyList<int> Schedule);

/// <summary>Which PIN is given.</summary>
internal enum PinGiven
{
    Current,
    Former,
    Wrong,
    Empty,
    None,
}

/// <summary>What becomes of a SAD's text.</summary>
internal enum Forgery
{
    None,
    BitFlipped,
    Truncated,
    SplicedWithAnother,
    SpelledOtherwise,
    OfAnotherEpoch,
    SealedWithoutItsTag,
    ARowInItsPlace,
}

/// <summary>Which hashes are named, beside those that were authorized.</summary>
internal enum Naming
{
    All,
    Reversed,
    Part,
    OneTwice,
    OneForeign,
    OneMore,
    OtherAlgorithm,
    Mixed,
    None,
}

/// <summary>What the HSM does.</summary>
internal enum HsmFault
{
    None,
    Throws,
    FlipsOneBit,
    LosesOne,
    AddsOne,
    Swaps,
    AnswersLate,
}

/// <summary>What befalls an act.</summary>
internal enum FaultKind
{
    /// <summary>The call fails; a write certainly did not arrive.</summary>
    Throws,

    /// <summary><see cref="WriteFate.LostBeforeArriving"/>; a read fails.</summary>
    Lost,

    /// <summary><see cref="WriteFate.ArrivesUnanswered"/>; a read fails.</summary>
    Unanswered,

    /// <summary><see cref="WriteFate.ArrivesAnsweredAsConflict"/>; a read fails.</summary>
    AnsweredAsConflict,

    /// <summary>The client hangs up at this call.</summary>
    HangUp,

    /// <summary>The process dies before this call.</summary>
    Crash,

    /// <summary>The process stands still between the spend's answer and the HSM, for 1,999 ms or 2,000 ms.</summary>
    Pause,

    /// <summary>The HSM is away while the PIN is evaluated.</summary>
    MacAway,

    /// <summary>The audit store is away meanwhile (only for who is alone).</summary>
    AuditAway,
}

/// <summary>Up to when time passes.</summary>
internal enum Until
{
    OneMillisecond,
    TheEndOfTheTolerance,
    BehindTheTolerance,
    TwoSeconds,
    AMinute,
    JustBeforeTheSadEnds,
    TheSadEnds,
    TheCertificateEnds,
    JustBehindTheCertificate,
}

/// <summary>What somebody with the storage account's keys does to a row.</summary>
internal enum Tampering
{
    WriteBack,
    Delete,
    Copy,
    Swap,
    FlipOneBit,
}
