namespace Sam.Testing.Run;

/// <summary>How often tests repeat what they try: few in <c>./dev test</c>, as many as the work asked for in <c>./dev soak</c>. All such numbers stand here.</summary>
public static class TestCounts
{
    private static readonly bool _soak = Environment.GetEnvironmentVariable("SAM_SOAK") == "1";

    /// <summary>Races of 64 calls for one SAD.</summary>
    public static int SadRaces => _soak ? 50 : 5;

    /// <summary>Races of each kind of stop with 64 calls.</summary>
    public static int StopRaces => _soak ? 5 : 1;

    /// <summary>Hosts killed at random instants under load.</summary>
    public static int RandomKills => _soak ? 200 : 12;

    /// <summary>Whether a registration is killed before and after each call, or only after those that change something.</summary>
    public static bool EveryKillPointOfARegistration => _soak;

    /// <summary>Pairs of authorize and signHash with two storage faults at random.</summary>
    public static int DoubleStorageFaults => _soak ? 5_000 : 120;

    /// <summary>Signed calls under each load of an overloaded HSM.</summary>
    public static int CallsUnderLoad => _soak ? 2_000 : 100;

    /// <summary>Whether a test may fail for how long something took: only where nothing else runs.</summary>
    public static bool TimesAreJudged => _soak;

    /// <summary>Probes of each kind whose times are compared.</summary>
    public static int TimedProbes => _soak ? 2_000 : 100;

    /// <summary>Requests that are changed on their way.</summary>
    public static int MutatedRequests => _soak ? 5_000_000 : 100_000;

    /// <summary>Connections on which something else than HTTP comes.</summary>
    public static int RawRequests => _soak ? 20_000 : 2_000;

    /// <summary>Sequences of 30 acts in the lives of a signer and a credential.</summary>
    public static int LifeSequences => _soak ? 10_000 : 200;

    /// <summary>Sequences of 15 pairs of acts at once in the lives of a signer and a credential.</summary>
    public static int LifePairSequences => _soak ? 10_000 : 100;

    /// <summary>Sequences of 15 pairs of acts at once by privileged users.</summary>
    public static int OfficerPairSequences => _soak ? 2_000 : 50;

    /// <summary>Sequences of 30 acts of an adversary against approvals.</summary>
    public static int ApprovalSequences => _soak ? 10_000 : 200;

    /// <summary>Sequences of 30 acts by privileged users.</summary>
    public static int OfficerSequences => _soak ? 10_000 : 100;

    /// <summary>Sequences of acts that are played against the model of signing.</summary>
    public static int PropertySequences => _soak ? 100_000 : 1_000;

    /// <summary>Records of a long audit.</summary>
    public static int AuditRecords => _soak ? 1_000_000 : 100_000;

    /// <summary>Manipulations of the storage by an insider.</summary>
    public static int Manipulations => _soak ? 10_000 : 150;

    /// <summary>As many of them meet one deployment.</summary>
    public static int ManipulationsOfARound => 400;
}
