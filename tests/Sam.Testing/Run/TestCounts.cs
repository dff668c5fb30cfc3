namespace Sam.Testing.Run;

/// <summary>How often tests repeat what they try: few in <c>./dev test</c>, as many as the work asked for in <c>./dev soak</c>. All such numbers stand here.</summary>
public static class TestCounts
{
    private static readonly bool _soak = Environment.GetEnvironmentVariable("SAM_SOAK") == "1";

    /// <summary>Races of 64 calls for one SAD.</summary>
    public static int SadRaces => _soak ? 50 : 5;

    /// <summary>Requests that are changed on their way.</summary>
    public static int MutatedRequests => _soak ? 5_000_000 : 100_000;

    /// <summary>Sequences of acts that are played against the model of signing.</summary>
    public static int PropertySequences => _soak ? 100_000 : 1_000;
}
