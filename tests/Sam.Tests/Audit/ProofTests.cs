using System.Security.Cryptography;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Sam.Tests.Cli;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary><c>sam audit prove</c> and <c>check-proof</c>: of signatures that the real service made and recorded.</summary>
[Trait("Requirement", "SYS-4")]
[Trait("Requirement", "SIG-5")]
public sealed class ProofTests : IAsyncLifetime
{
    private const string Ada = "console:ada";
    private static readonly string[] _documents = ["one", "two", "three"];

    private HostedSam _sam = null!;
    private Shell _shell = null!;
    private TestSigner _alice = null!;

    private SamTestBed Bed => _sam.Officers.Bed;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        _shell = new Shell(_sam.Url, Bed.Clock);
        _shell.Write("ada.pem", (await _sam.Officers.AddAsync("ada", PrivilegedRole.Auditor)).Key);
        _shell.Variables["SAM_OFFICER_KEY"] = "ada.pem";
        byte[] certificate = (await Bed.Sam.Identity.GetCertificateAsync(Stop)).Value;
        _shell.Write("sam.pem", PemEncoding.WriteString("CERTIFICATE", certificate));
        _alice = await Bed.AddSignerAsync();
        foreach (string document in _documents)
        {
            _shell.Write(document, document);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task A_signature_is_proved_and_checked_without_the_sam()
    {
        await SignAsync(_documents);
        await ProveAsync("two", "two.sig");
        _shell.Variables["SAM_URL"] = "http://127.0.0.1:1";
        (int exitCode, string output, string error) = await CheckAsync("proof.json", "two", "two.sig");
        Assert.True(exitCode == 0, error);
        Assert.Contains(_alice.Credential.Value, output, StringComparison.Ordinal);
        Assert.Matches("by the SAM at +20", output);
        Assert.InRange(new FileInfo(Path.Combine(_shell.Folder, "proof.json")).Length, 1, 8_000);
    }

    [Fact]
    public async Task Another_file_signature_sam_or_proof_is_refused()
    {
        await SignAsync(_documents);
        await ProveAsync("two", "two.sig");
        Assert.Equal((1, "sam: This is no proof: its record is of a signature of another file.\n"), await FaultAsync("one", "two.sig"));
        Assert.Equal((1, "sam: This is no proof: its record is of a signature of another file.\n"), await FaultAsync("two", "one.sig"));
        byte[] changed = await File.ReadAllBytesAsync(Path.Combine(_shell.Folder, "two.sig"), Stop);
        changed[^1] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(_shell.Folder, "changed.sig"), changed, Stop);
        Assert.Equal((1, "sam: This is no proof: its record is not of this signature.\n"), await FaultAsync("two", "changed.sig"));

        await using AuditSite other = await AuditSite.OpenAsync();
        _shell.Write("sam.pem", PemEncoding.WriteString("CERTIFICATE", other.Certificate));
        Assert.Equal((1, "sam: This is no proof: its checkpoint is not signed by the SAM of this certificate.\n"), await FaultAsync("two", "two.sig"));

        Assert.Equal(2, (await CheckAsync("none", "two", "two.sig")).ExitCode);
        Assert.Equal(2, (await CheckAsync("proof.json", "none", "two.sig")).ExitCode);
    }

    [Fact]
    public async Task A_proof_with_one_bit_of_any_byte_flipped_is_refused()
    {
        await SignAsync(_documents);
        await ProveAsync("one", "one.sig");
        byte[] proof = await File.ReadAllBytesAsync(Path.Combine(_shell.Folder, "proof.json"), Stop);
        using ECDsa identity = ECDsa.Create();
        identity.ImportSubjectPublicKeyInfo(Bed.SystemKeys.Identity.SubjectPublicKeyInfo.Span, out _);
        Assert.Null(FaultOf(proof));
        for (int at = 0; at < proof.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                proof[at] ^= (byte)(1 << bit);
                Assert.True(FaultOf(proof) is not null, $"byte {at}, bit {bit}");
                proof[at] ^= (byte)(1 << bit);
            }
        }

        string? FaultOf(byte[] file) => AuditProofJson.Read(file) is { } read ? ProofCheck.FindFault(read, identity) : "malformed";
    }

    [Fact]
    public async Task Parts_of_two_proofs_make_no_third()
    {
        await SignAsync("one");
        await ProveAsync("one", "one.sig");
        AuditProof first = Read("proof.json");
        File.Delete(Path.Combine(_shell.Folder, "proof.json"));
        Bed.Clock.Advance(TimeSpan.FromMinutes(1));
        await SignAsync("two");
        await ProveAsync("two", "two.sig");
        AuditProof second = Read("proof.json");
        using ECDsa identity = ECDsa.Create();
        identity.ImportSubjectPublicKeyInfo(Bed.SystemKeys.Identity.SubjectPublicKeyInfo.Span, out _);
        Assert.Null(ProofCheck.FindFault(first, identity));
        Assert.Null(ProofCheck.FindFault(second, identity));
        Assert.NotEqual(first.Checkpoint, second.Checkpoint);
        foreach (AuditProof mixed in new[]
        {
            first with { Checkpoint = second.Checkpoint },
            first with { Record = second.Record },
            first with { Record = second.Record, Salt = second.Salt, Path = second.Path, Index = second.Index, Records = second.Records },
            first with { Sequence = first.Sequence + 1 },
            first with { Chain = new string('0', 32) },
            first with { Later = [.. first.Later, new byte[98]] },
            first with { Path = [.. first.Path, new byte[32]] },
        })
        {
            Assert.NotNull(ProofCheck.FindFault(mixed, identity));
        }
    }

    [Fact]
    public async Task A_proof_holds_nothing_of_others_that_share_the_row()
    {
        // Two that end while a row is written share the next one; when they are not that fast, again.
        TestSigner bob = await Bed.AddSignerAsync("bob");
        for (int i = 0, shared = 0; shared < 2; i++)
        {
            SecretText[] sads = [await Bed.AuthorizeAsync(_alice, Digests.Of("one")), await Bed.AuthorizeAsync(bob, Digests.Of("two"))];
            TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Bed.Audit.Before = call =>
            {
                _ = held.TrySetResult();
                return call.Kind == RowStoreCallKind.Insert ? go.Task : Task.CompletedTask;
            };
            Task first = Bed.AddClientAsync($"another-{i}");
            await held.Task;
            Task<byte[]> one = SignAsync(_alice, sads[0], "one");
            Task<byte[]> two = SignAsync(bob, sads[1], "two");
            for (int turn = 0; turn < 1000; turn++)
            {
                await Task.Yield();
            }

            Bed.Audit.Before = null;
            go.SetResult();
            await first;
            await WriteAsync("one.sig", await one);
            _ = await two;
            shared = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(Rows().Last(r => !AuditSample.IsCheckpoint(r)).Content.AsSpan(9));
        }

        await CheckpointAsync();
        await ProveAsync("one", "one.sig");
        AuditProof proof = Read("proof.json");
        Assert.True(proof.Records >= 2);
        string text = System.Text.Encoding.UTF8.GetString(proof.Record);
        Assert.Contains(_alice.Credential.Value, text, StringComparison.Ordinal);
        Assert.DoesNotContain(bob.Credential.Value, text, StringComparison.Ordinal);
        Assert.Equal(0, (await CheckAsync("proof.json", "one", "one.sig")).ExitCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(100)]
    public void Each_record_of_a_row_has_its_way_to_the_root(int count)
    {
        AuditBatch batch = AuditBatch.Of([.. Enumerable.Range(0, count).Select(i => new AuditRecord { Event = AuditEvent.SigningRefused, Operation = $"{i}" })]);
        Assert.Equal(batch.Texts, AuditBatch.Parse(batch.ToJson()).Texts);
        byte[] root = AuditTree.Root(batch.Leaves());
        for (int index = 0; index < count; index++)
        {
            AuditProof proof = new(
                AuditProof.Name, new string('a', 32), 0, count, index, batch.Texts[index], AuditTree.SaltOf(batch.Salt, index), AuditTree.Path(batch.Leaves(), index), [], [], [], [], []);
            Assert.Equal(root, ProofCheck.FindRoot(proof));
            Assert.NotEqual(root, ProofCheck.FindRoot(proof with { Salt = new byte[32] }));
            Assert.All(Enumerable.Range(0, count).Where(i => i != index), i => Assert.NotEqual(root, ProofCheck.FindRoot(proof with { Index = i })));
        }
    }

    [Fact]
    public async Task What_is_not_in_the_audit_or_under_no_checkpoint_is_not_proved()
    {
        await SignAsync("one");
        _shell.Write("two.sig", "nothing");
        Export();
        _shell.Variables["SAM_TOKEN"] = Ada;
        Assert.Equal((1, "sam: The audit has no such signature."), await _shell.FailAsync(Ada, "audit", "prove", "two", "two.sig", "--audit", "rows.ndjson", "--out", "proof.json"));
        Assert.Equal((1, "sam: The signature is in the audit, and its record is of a signature of another file."), await _shell.FailAsync(Ada, "audit", "prove", "two", "one.sig", "--audit", "rows.ndjson", "--out", "proof.json"));
        _shell.Write("rows.ndjson", string.Concat(Rows().Where(r => !AuditSample.IsCheckpoint(r)).Select(row => ExportedRows.Write(row) + "\n")));
        Assert.StartsWith("sam: No checkpoint", (await _shell.FailAsync(Ada, "audit", "prove", "one", "one.sig", "--audit", "rows.ndjson", "--out", "proof.json")).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_shell.Folder, "proof.json")));
    }

    /// <summary>All of them by one SAD, and a checkpoint after.</summary>
    private async Task SignAsync(params string[] documents)
    {
        Digest[] digests = [.. documents.Select(Digests.Of)];
        IReadOnlyList<byte[]> signatures = (await Bed.SignAsync(_alice, await Bed.AuthorizeAsync(_alice, digests), digests)).Value;
        foreach ((string document, byte[] signature) in documents.Zip(signatures))
        {
            await WriteAsync($"{document}.sig", signature);
        }

        await CheckpointAsync();
    }

    private async Task<byte[]> SignAsync(TestSigner signer, SecretText sad, string document) => Assert.Single((await Bed.SignAsync(signer, sad, Digests.Of(document))).Value);

    private Task WriteAsync(string name, byte[] content) => File.WriteAllBytesAsync(Path.Combine(_shell.Folder, name), content, Stop);

    /// <summary>Turns the clock until the SAM has signed all that stands in the table.</summary>
    private Task CheckpointAsync()
    {
        int rows = Rows().Count(r => !AuditSample.IsCheckpoint(r));
        return Bed.Clock.TurnUntilAsync(() => Rows().Any(r => AuditSample.IsCheckpoint(r) && CheckpointContent.Read(r.Content)!.Head.Sequence >= rows - 1));
    }

    private async Task ProveAsync(string file, string signature)
    {
        Export();
        _ = await _shell.RunAsync(Ada, "audit", "prove", file, signature, "--audit", "rows.ndjson", "--out", "proof.json");
    }

    private Task<(int ExitCode, string Out, string Error)> CheckAsync(string proof, string file, string signature) =>
        _shell.TryAsync("audit", "check-proof", proof, file, signature, "--certificate", "sam.pem");

    private async Task<(int ExitCode, string Error)> FaultAsync(string file, string signature)
    {
        (int exitCode, string output, string error) = await CheckAsync("proof.json", file, signature);
        Assert.Empty(output);
        return (exitCode, error);
    }

    private AuditProof Read(string name) => AuditProofJson.Read(File.ReadAllBytes(Path.Combine(_shell.Folder, name)))!;

    private IEnumerable<AuditRow> Rows() => Bed.AuditTable.Attacker.Rows().Select(row => new AuditRow(row.Address.PartitionKey, row.Address.RowKey, row.Content.ToArray()));

    private void Export() => _shell.Write("rows.ndjson", string.Concat(Rows().Select(row => ExportedRows.Write(row) + "\n")));
}
