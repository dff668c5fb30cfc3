using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>The house rules over all sources, and a proof for each that it notices what it forbids.</summary>
public sealed class HouseRuleTests
{
    // Where the rule yields, the reason stands beside the path.
    private static readonly Dictionary<string, string> _sleeps = new(StringComparer.Ordinal)
    {
        ["tests/Sam.Functions.Tests/Host/HttpFront.cs"] = "asks again and again for a connection to a worker that does not listen yet, as the platform does",
        ["tests/Sam.IntegrationTests/Crashes/PipelineProcess.cs"] = "leaves a process stopped for the ten seconds that the rule is about",
        ["tests/Sam.IntegrationTests/Crashes/RandomKillTests.cs"] = "chooses the instant of a kill; nothing is expected of how long it is",
        ["tests/Sam.IntegrationTests/Hosts/HsmAwayTests.cs"] = "lets the second pass for which readyz keeps its answer; a longer one does as well",
        ["tests/Sam.IntegrationTests/Hosts/OverloadTests.cs"] = "is a client that was refused, and does not ask again at once",
        ["tests/Sam.IntegrationTests/InDoubt/FaultPlan.cs"] = "asks again and again whether held requests have been answered, of a proxy that counts and wakes nobody",
        ["tests/Sam.Testing/Hsm/Pkcs11Shim.cs"] = "asks again and again for a line in the log of a native module, which can wake nobody",
        ["tests/Sam.Testing/Tables/TableExchange.cs"] = "simulates a slow network; no test waits for time to pass",
    };

    private static readonly IReadOnlyList<SourceFile> _products = Repository.Sources(productsOnly: true);
    private static readonly IReadOnlyList<SourceFile> _all = Repository.Sources();

    // These hold samples of what they forbid.
    private static readonly IReadOnlyList<SourceFile> _others = [.. _all.Where(s => !s.Path.StartsWith("tests/Sam.Tests/Architecture/", StringComparison.Ordinal))];

    [Fact]
    public void The_sources_are_found() => Assert.True(_products.Count > 50 && _others.Count > _products.Count);

    [Fact]
    public void Files_stay_under_300_lines() => None(_all.SelectMany(HouseRules.LongFiles));

    [Fact]
    public void One_public_type_per_file() =>
        None(_products.SelectMany(HouseRules.SeveralPublicTypes));

    [Fact]
    public void Secrets_are_compared_in_fixed_time() => None(_products.SelectMany(SecretComparison.Find));

    [Fact]
    public void No_clock_but_TimeProvider() => None(_products.SelectMany(HouseRules.MachineClocks));

    [Fact]
    public void No_randomness_but_the_cryptographic() => None(_products.SelectMany(HouseRules.WeakRandomness));

    [Fact]
    [Trait("Requirement", "SYS-2")]
    public void All_randomness_comes_from_one_place() => None(_products.SelectMany(HouseRules.RandomnessElsewhere));

    [Fact]
    public void Every_to_do_names_its_issue() => None(_others.SelectMany(HouseRules.OwnerlessToDos));

    [Fact]
    public void Every_suppression_is_argued() => None(_others.SelectMany(HouseRules.UnarguedSuppressions));

    [Fact]
    public void No_test_is_skipped() => None(_others.Where(s => s.Path.StartsWith("tests/", StringComparison.Ordinal)).SelectMany(HouseRules.TestsThatMayNotRun));

    [Fact]
    public void No_test_sleeps() =>
        None(_others.Where(s => s.Path.StartsWith("tests/", StringComparison.Ordinal) && !_sleeps.ContainsKey(s.Path)).SelectMany(HouseRules.Sleeps));

    [Fact]
    public void Log_messages_stand_in_Log_files_under_ids_of_their_own()
    {
        None(_products.SelectMany(HouseRules.LogMessagesElsewhere));
        None(_products.SelectMany(HouseRules.EventIds).GroupBy(id => id).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public void An_exception_that_is_not_needed_any_more_is_taken_away() =>
        None(_sleeps.Keys.Where(path => !_others.Where(s => s.Path == path).SelectMany(HouseRules.Sleeps).Any()));

    [Theory]
    [InlineData("if (tag == expected)")]
    [InlineData("return request.Pin != stored.Pin;")]
    [InlineData("if (mac.AsSpan().SequenceEqual(expected))")]
    [InlineData("if (expected.SequenceEqual(verifier.Tag))")]
    [InlineData("string.Equals(text, request.Sad.Reveal(), StringComparison.Ordinal)")]
    [InlineData("return string.Equals(accessToken, known, StringComparison.Ordinal);")]
    [InlineData("if (clientSecret.Equals(given))")]
    public void An_early_ending_comparison_of_a_secret_is_noticed(string line) => Assert.NotEmpty(SecretComparison.Find(SourceFile.Of(line)));

    [Theory]
    [InlineData("rows.TransactionETag != sad.ETag")]
    [InlineData("if (pin == null || tag.Length != 32)")]
    [InlineData("CryptographicOperations.FixedTimeEquals(tag, verifier.Tag)")]
    [InlineData("refusal.Code == SamErrorCode.RowMissing")]
    [InlineData("// the tag == what was expected")]
    public void A_comparison_of_what_is_public_is_not(string line) => Assert.Empty(SecretComparison.Find(SourceFile.Of(line)));

    [Theory]
    [InlineData(nameof(HouseRules.MachineClocks), "var now = DateTimeOffset.UtcNow;")]
    [InlineData(nameof(HouseRules.MachineClocks), "DateTime.Today")]
    [InlineData(nameof(HouseRules.MachineClocks), "long start = Stopwatch.GetTimestamp();")]
    [InlineData(nameof(HouseRules.WeakRandomness), "Guid.NewGuid().ToString()")]
    [InlineData(nameof(HouseRules.WeakRandomness), "int n = Random.Shared.Next();")]
    [InlineData(nameof(HouseRules.RandomnessElsewhere), "byte[] salt = RandomNumberGenerator.GetBytes(16);")]
    [InlineData(nameof(HouseRules.OwnerlessToDos), "// TODO: later")]
    [InlineData(nameof(HouseRules.UnarguedSuppressions), "#pragma warning disable CA1031")]
    [InlineData(nameof(HouseRules.UnarguedSuppressions), "#pragma warning disable CA1031, CA5351 // two at once")]
    [InlineData(nameof(HouseRules.UnarguedSuppressions), "[SuppressMessage(\"Design\", \"CA1031\")]")]
    [InlineData(nameof(HouseRules.TestsThatMayNotRun), "[Fact(Skip = \"no HSM\")]")]
    [InlineData(nameof(HouseRules.TestsThatMayNotRun), "Assert.SkipUnless(found, \"no HSM\");")]
    [InlineData(nameof(HouseRules.Sleeps), "await Task.Delay(100, cancellationToken);")]
    [InlineData(nameof(HouseRules.Sleeps), "Thread.Sleep(1);")]
    [InlineData(nameof(HouseRules.LogMessagesElsewhere), "logger.LogInformation(\"hello\");")]
    [InlineData(nameof(HouseRules.LogMessagesElsewhere), "[LoggerMessage(1001, LogLevel.Error, \"x\")]")]
    public void What_a_rule_forbids_is_noticed(string rule, string line) => Assert.NotEmpty(Rule(rule)(SourceFile.Of(line)));

    [Theory]
    [InlineData(nameof(HouseRules.MachineClocks), "DateTimeOffset now = time.GetUtcNow(); // not DateTime.UtcNow")]
    [InlineData(nameof(HouseRules.OwnerlessToDos), "// TODO(#41): drop when the SDK can")]
    [InlineData(nameof(HouseRules.UnarguedSuppressions), "#pragma warning disable CA1031 // last barrier before the wire")]
    [InlineData(nameof(HouseRules.Sleeps), "await Task.Delay(Timeout.Infinite, stop);")]
    public void What_a_rule_allows_is_not(string rule, string line) => Assert.Empty(Rule(rule)(SourceFile.Of(line)));

    [Fact]
    public void A_long_file_is_noticed() => Assert.NotEmpty(HouseRules.LongFiles(SourceFile.Of(new string[300])));

    [Fact]
    public void A_second_public_type_is_noticed_and_a_family_of_records_is_not()
    {
        Assert.NotEmpty(HouseRules.SeveralPublicTypes(SourceFile.Of("public sealed class A", "public static partial class B")));
        Assert.NotEmpty(HouseRules.SeveralPublicTypes(SourceFile.Of("public interface IA", "public enum B")));
        Assert.Empty(HouseRules.SeveralPublicTypes(SourceFile.Of("public sealed class A", "public sealed record B(int C);", "public readonly record struct D(int E);")));
        Assert.Empty(HouseRules.SeveralPublicTypes(SourceFile.Of("public sealed class AOptions", "public sealed class BOptions")));
        Assert.Empty(HouseRules.SeveralPublicTypes(SourceFile.Of("public static class Result", "public readonly struct Result<T>", "internal sealed class B")));
    }

    private static void None(IEnumerable<string> places)
    {
        string found = string.Join('\n', places);
        Assert.True(found.Length == 0, found);
    }

    private static Func<SourceFile, IEnumerable<string>> Rule(string name) => name switch
    {
        nameof(HouseRules.MachineClocks) => HouseRules.MachineClocks,
        nameof(HouseRules.WeakRandomness) => HouseRules.WeakRandomness,
        nameof(HouseRules.RandomnessElsewhere) => HouseRules.RandomnessElsewhere,
        nameof(HouseRules.OwnerlessToDos) => HouseRules.OwnerlessToDos,
        nameof(HouseRules.UnarguedSuppressions) => HouseRules.UnarguedSuppressions,
        nameof(HouseRules.TestsThatMayNotRun) => HouseRules.TestsThatMayNotRun,
        nameof(HouseRules.Sleeps) => HouseRules.Sleeps,
        nameof(HouseRules.LogMessagesElsewhere) => HouseRules.LogMessagesElsewhere,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such rule."),
    };
}
