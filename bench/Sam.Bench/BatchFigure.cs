namespace Sam.Bench;

/// <summary>Signatures for a time.</summary>
/// <param name="PerSecond">Signatures per second.</param>
/// <param name="CpuMs">The process' CPU per signature, in milliseconds.</param>
internal sealed record SigningRate(double PerSecond, double CpuMs);

/// <summary>Measured right after each other.</summary>
/// <param name="Raw">The token alone, 2 threads.</param>
/// <param name="Verified">The same, and each thread verifies what it signed: nothing that verifies before it releases can be faster.</param>
/// <param name="Requests">signHash with a thousand hashes.</param>
internal sealed record BatchRound(SigningRate Raw, SigningRate Verified, SigningRate Requests);

/// <summary>A thousand hashes in one request: medians of the rounds, and of each round's own ratios.</summary>
internal sealed record BatchFigure(
    string Key, double PerSecond, double RawPerSecond, double VerifiedPerSecond, double OfRaw, double OfVerified, double CpuMs, double RawCpuMs, double VerifiedCpuMs)
{
    internal static BatchFigure Of(string key, IReadOnlyList<BatchRound> rounds)
    {
        return new BatchFigure(
            key,
            Median(r => r.Requests.PerSecond),
            Median(r => r.Raw.PerSecond),
            Median(r => r.Verified.PerSecond),
            Median(r => r.Requests.PerSecond / r.Raw.PerSecond),
            Median(r => r.Requests.PerSecond / r.Verified.PerSecond),
            Median(r => r.Requests.CpuMs),
            Median(r => r.Raw.CpuMs),
            Median(r => r.Verified.CpuMs));

        double Median(Func<BatchRound, double> of) => rounds.Select(of).Order().ElementAt(rounds.Count / 2);
    }
}
