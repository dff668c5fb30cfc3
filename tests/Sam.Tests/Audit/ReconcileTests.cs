using System.Text.Json;
using Sam.Cli.Audit;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Sam.Tests.Cli;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary><c>sam audit records</c> and <c>reconcile</c> over the real API, by an auditor with a key of their own.</summary>
[Trait("Requirement", "T-INS-2")]
[Trait("Requirement", "T-INS-1")]
[Trait("Requirement", "SIG-5")]
public sealed class ReconcileTests : IAsyncLifetime
{
    private const string Ada = "console:ada";

    private HostedSam _sam = null!;
    private Shell _shell = null!;
    private TestSigner _alice = null!;
    private string _log = string.Empty;
    private int _documents;

    private SamTestBed Bed => _sam.Officers.Bed;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        _shell = new Shell(_sam.Url, Bed.Clock);
        _shell.Write("ada.pem", (await _sam.Officers.AddAsync("ada", PrivilegedRole.Auditor)).Key);
        _shell.Write("rita.pem", (await _sam.Officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer)).Key);
        _shell.Variables["SAM_OFFICER_KEY"] = "ada.pem";
        _alice = await Bed.AddSignerAsync();
        Bed.Clock.Advance(TimeSpan.FromMinutes(2));
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task Records_are_read_through_the_sam_and_each_reading_is_one_of_them()
    {
        await SignAsync(2);
        Export();
        JsonElement[] lines = [.. (await _shell.RunAsync(Ada, "audit", "records", "rows.ndjson")).TrimEnd().Split('\n').Select(line => JsonElement.Parse(line))];
        AuditRecord[] before = [.. Bed.AuditRecords().Where(r => r.Event != AuditEvent.AuditRead)];
        Assert.Equal(before.Select(r => r.Event.ToString()), lines.Select(l => l.GetProperty("record").GetProperty("event").GetString()));
        JsonElement released = lines.Single(l => l.GetProperty("record").GetProperty("event").GetString() == "SignaturesReleased").GetProperty("record");
        Assert.Equal(2, released.GetProperty("signatureDigests").GetArrayLength());
        Assert.Equal(_alice.Key.Reference.Value, released.GetProperty("key").GetString());
        AuditRecord reading = Bed.AuditRecords()[^1];
        Assert.Equal(AuditEvent.AuditRead, reading.Event);
        Assert.StartsWith("auditor:", reading.By, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32} from 0, rows [0-9]+$", reading.Detail);
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_not_read()
    {
        Export();
        Bed.Audit.Before = call => call.Kind == RowStoreCallKind.Insert ? throw new RowStoreException("away") : Task.CompletedTask;
        Assert.Equal(1, (await _shell.FailAsync(Ada, "audit", "records", "rows.ndjson")).ExitCode);
        Bed.Audit.Before = null;
    }

    [Fact]
    public async Task Nobody_else_reads_and_no_row_is_taken_for_another()
    {
        Export();
        Assert.Equal((1, "sam: RightMissing: The role of this privileged user does not allow this"), await _shell.FailAsync("console:rita", "audit", "records", "rows.ndjson", "--key", "rita.pem"));
        Assert.Equal((2, "sam: RightMissing: The role of this privileged user does not allow this"), await _shell.FailAsync("console:rita", "audit", "reconcile", "rows.ndjson", "--key", "rita.pem"));
        Assert.Equal(1, (await _shell.FailAsync("console:ada", "audit", "records", "rows.ndjson", "--key", "rita.pem")).ExitCode);

        AuditRow row = Rows().First(r => RowPlace.Of(r) is not null);
        row.Content[^1] ^= 1;
        _shell.Write("changed", ExportedRows.Write(row) + "\n");
        Assert.EndsWith("the SAM has no such row. One of the two was changed.", (await _shell.FailAsync(Ada, "audit", "reconcile", "changed")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_was_changed_in_the_table_does_not_open()
    {
        Export();
        // Of a chain: checkpoints stand open, and nobody opens them.
        StoredRow row = Bed.AuditTable.Attacker.Rows().First(r => !r.Address.PartitionKey.StartsWith("checkpoint", StringComparison.Ordinal));
        byte[] content = row.Content.ToArray();
        content[^1] ^= 1;
        _ = Bed.AuditTable.Attacker.WriteBack(row with { Content = content });
        Assert.Equal(2, (await _shell.FailAsync(Ada, "audit", "reconcile", "rows.ndjson")).ExitCode);
        _ = Bed.AuditTable.Attacker.WriteBack(row);
        Assert.Contains(Bed.AuditRecords(), r => r is { Event: AuditEvent.AuditRead, Cause: "RowBroken" });
    }

    [Fact]
    public async Task What_agrees_is_counted()
    {
        await SignAsync(1);
        await SignAsync(3);
        _ = await Bed.AuthorizeAsync(_alice, Next());
        Assert.Matches("SADs issued +3\nnever spent +1\nwithout an outcome, and purged +0\noperations that used keys +2\ninterrupted operations +0\nsignatures +4\n", await ReconcileAsync(0));
        Assert.Contains(Bed.AuditRecords(), r => r is { Event: AuditEvent.AuditRead, Transaction: not null });
    }

    [Fact]
    public async Task A_stray_signature_is_named_with_its_key()
    {
        await SignAsync(1);
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        Log(_alice.Key.Reference.Value);
        Assert.Matches(Stray(_alice.Key.Reference.Value), await ReconcileAsync(1));
    }

    [Fact]
    public async Task A_stray_signature_beside_a_recorded_one_is_named()
    {
        await SignAsync(2);
        Log(_alice.Key.Reference.Value);
        Assert.Matches(Stray(_alice.Key.Reference.Value), await ReconcileAsync(1));
    }

    [Fact]
    public async Task A_signature_by_a_key_that_no_record_knows_is_named_and_the_sams_own_are_not()
    {
        Log(Bed.SystemKeys.Identity.Key.Value);
        Log(Bed.SystemKeys.Pepper.Value);
        Assert.Matches("2 uses of the SAM's own keys not judged", await ReconcileAsync(0));
        Log("a-key-of-somebody");
        Assert.Matches(Stray("a-key-of-somebody"), await ReconcileAsync(1));
    }

    [Fact]
    public async Task A_recorded_signature_that_the_log_lacks_is_named()
    {
        await SignAsync(2);
        _log = string.Concat(_log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line + "\n"));
        Assert.Matches("(?m)^key .*: the audit has operation [0-9a-f]+ at .*, and the HSM's log lacks a signature of it$", await ReconcileAsync(1));
    }

    /// <summary>Its process ended between the spend and the record: the row explains the SAD, and one signature of its key at that time, and no other.</summary>
    [Fact]
    public async Task A_sad_that_was_spent_without_an_outcome_is_named()
    {
        _ = (await Bed.Sam.Credentials.RequestCertificateAsync(_alice.Credential, Actor.Sam, CancellationToken.None)).Value;
        Log(_alice.Key.Reference.Value);
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        SecretText sad = await Bed.AuthorizeAsync(_alice, Next());

        // Anybody can be refused: that is no outcome.
        Assert.NotNull((await Bed.SignAsync(_alice, sad, Next())).Refusal);
        string transaction = Bed.AuditRecords().Last(r => r.Event == AuditEvent.Authorized).Transaction!;
        StoredRow stored = Bed.Table.Attacker.Rows().Single(r => r.Address.Table == SamTable.Transactions);
        SealedRow<TransactionRow> row = (await Bed.SealedRows.ReadAsync(stored.Address, RowSchemas.Transaction, CancellationToken.None)).Value;
        SpendRecord spent = new(OperationId.New().Value, [], "ecdsa-sha256", Bed.Clock.GetUtcNow(), Retry: null);
        _ = (await Bed.SealedRows.ReplaceAsync(stored.Address, RowSchemas.Transaction, row.Value with { Spent = spent }, row.ETag, CancellationToken.None)).Value;

        Log(_alice.Key.Reference.Value);
        string output = await ReconcileAsync(0);
        Assert.Matches("interrupted operations +1\n", output);
        Assert.Contains($"transaction {transaction}: its SAD was spent at ", output, StringComparison.Ordinal);
        Assert.Contains(spent.Operation, output, StringComparison.Ordinal);
        string once = _log;
        _log += once.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1] + "\n";
        Assert.Matches(Stray(_alice.Key.Reference.Value), await ReconcileAsync(1));
        _log = once;

        // What may be under way is judged when it is over.
        _shell.Variables["SAM_TOKEN"] = Ada;
        Assert.Equal(0, (await _shell.TryAsync("audit", "reconcile", "young")).ExitCode);
    }

    [Theory]
    [InlineData("""{"time":"2026-11-27T10:00:00Z","operation":"sign"}""")]
    [InlineData("""{"time":"yesterday","operation":"sign","key":"a"}""")]
    [InlineData("""{"operationName":"KeySign","time":"2026-11-27T10:00:00Z","httpStatusCode":200}""")]
    [InlineData("""{"operationName":"KeySign","time":"2026-11-27T10:00:00Z","httpStatusCode":200,"requestUri":"https://x.managedhsm.azure.net/"}""")]
    [InlineData("nothing")]
    [InlineData("[]")]
    public async Task A_log_that_is_none_is_not_readable(string line)
    {
        Export();
        _shell.Write("hsm.ndjson", line + "\n");
        Assert.Equal((2, "sam: Line 1 of the HSM's log is not understood."), await _shell.FailAsync(Ada, "audit", "reconcile", "rows.ndjson", "--hsm-log", "hsm.ndjson"));
    }

    [Fact]
    public void Azures_log_is_read_in_both_of_its_forms()
    {
        string path = Path.Combine(_shell.Folder, "azure.ndjson");
        File.WriteAllText(path, """
            {"time":"2026-11-27T10:00:00.123Z","category":"AuditEvent","operationName":"KeySign","httpStatusCode":200,"requestUri":"https://pool.managedhsm.azure.net/keys/aaaa/0123/sign?api-version=7.6"}
            {"time":"2026-11-27T10:00:01Z","category":"AuditEvent","operationName":"KeySign","properties":{"httpStatusCode":200,"requestUri":"https://pool.managedhsm.azure.net/keys/bbbb/0123/sign"}}
            {"time":"2026-11-27T10:00:02Z","category":"AuditEvent","operationName":"KeySign","httpStatusCode":429,"requestUri":"https://pool.managedhsm.azure.net/keys/cccc/0123/sign"}
            {"time":"2026-11-27T10:00:03Z","category":"AuditEvent","operationName":"KeyGet","httpStatusCode":200,"requestUri":"https://pool.managedhsm.azure.net/keys/dddd/0123"}

            """);
        Assert.Equal(["aaaa", "bbbb"], HsmLog.Read(path).Select(use => use.Key));
        Assert.Equal(["aaaa", "aaaa", "aaaa"], new[] { "west/aaaa/0123", "aaaa/0123", "aaaa" }.Select(HsmUse.NameOf));
    }

    /// <summary>Signs, and the HSM's log has it, as the HSM writes it.</summary>
    private async Task SignAsync(int count)
    {
        Digest[] digests = [.. Enumerable.Range(0, count).Select(_ => Next())];
        _ = (await Bed.SignAsync(_alice, await Bed.AuthorizeAsync(_alice, digests), digests)).Value;
        for (int i = 0; i < count; i++)
        {
            Log(_alice.Key.Reference.Value);
        }
    }

    private static string Stray(string key) => $"(?m)^key {key}: the HSM made a signature at .* that the audit does not have$";

    private Digest Next() => Digests.Of($"document {_documents++}");

    private void Log(string key) => _log += JsonSerializer.Serialize(new { time = Bed.Clock.GetUtcNow(), operation = "sign", key }) + "\n";

    /// <summary>Later, when all is recorded.</summary>
    private async Task<string> ReconcileAsync(int exitCode)
    {
        Export("young");
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        _ = await Bed.AddClientAsync($"somebody-later-{_documents++}");
        Export();
        _shell.Write("hsm.ndjson", _log);
        _shell.Variables["SAM_TOKEN"] = Ada;
        (int given, string output, string error) = await _shell.TryAsync("audit", "reconcile", "rows.ndjson", "--hsm-log", "hsm.ndjson");
        Assert.True(given == exitCode, output + error);
        return output;
    }

    private IEnumerable<AuditRow> Rows() => Bed.AuditTable.Attacker.Rows().Select(row => new AuditRow(row.Address.PartitionKey, row.Address.RowKey, row.Content.ToArray()));

    private void Export(string name = "rows.ndjson") => _shell.Write(name, string.Concat(Rows().Select(row => ExportedRows.Write(row) + "\n")));
}
