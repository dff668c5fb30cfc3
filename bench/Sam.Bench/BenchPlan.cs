using System.Globalization;
using Sam.Core.Algorithms;

namespace Sam.Bench;

/// <summary>What one run measures.</summary>
/// <param name="Keys">The kinds of keys.</param>
/// <param name="Clients">Numbers of clients in the closed loop.</param>
/// <param name="Rounds">Rounds per figure; the median is shown.</param>
/// <param name="Seconds">Length of a round.</param>
/// <param name="PairsOnEnd">Pairs without a pause, to see whether rate and memory stay flat.</param>
/// <param name="Results">Where JSON and the page go.</param>
internal sealed record BenchPlan(
    IReadOnlyList<KeyAlgorithm> Keys, IReadOnlyList<int> Clients, int Rounds, double Seconds, int PairsOnEnd, DirectoryInfo Results)
{
    internal const int MostClients = 32;

    /// <summary>The full plan; <c>--quick</c> is for whoever changes the code and wants a first look.</summary>
    internal static BenchPlan Parse(IReadOnlyList<string> arguments)
    {
        bool quick = arguments.Contains("--quick");
        string results = arguments.SkipWhile(a => a != "--out").Skip(1).FirstOrDefault() ?? Path.Combine(Environment.CurrentDirectory, "bench");
        int pairs = int.Parse(arguments.SkipWhile(a => a != "--pairs").Skip(1).FirstOrDefault() ?? (quick ? "5000" : "300000"), CultureInfo.InvariantCulture);
        string[]? keys = arguments.SkipWhile(a => a != "--keys").Skip(1).FirstOrDefault()?.Split(',');
        return new BenchPlan(
            [.. ((KeyAlgorithm[])[KeyAlgorithm.Rsa2048, KeyAlgorithm.Rsa3072, KeyAlgorithm.P256]).Where(k => keys?.Contains(k.Name) != false)],
            quick ? [MostClients] : [1, 8, MostClients],
            quick ? 1 : 5,
            quick ? 2 : 3,
            pairs,
            new DirectoryInfo(results));
    }
}
