using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Signers;

public sealed class ClientRegistryTests : IAsyncLifetime
{
    private static readonly ClientId _client = SamTestBed.Id("another-sca");

    private SamTestBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await SamTestBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Each_change_is_made_and_audited_once()
    {
        foreach (bool approved in new[] { true, true, false, false, true })
        {
            Assert.Equal(_client, (await SetAsync(approved)).Value);
            Assert.Equal(approved, (await ReadAsync()).Value.Value.Approved);
        }

        Assert.Equal(
            [AuditEvent.ClientApproved, AuditEvent.ClientStopped, AuditEvent.ClientApproved],
            _bed.AuditRecords().Where(r => r.Client == _client.Value).Select(r => r.Event));
    }

    [Fact]
    public async Task A_client_that_nobody_knows_can_be_stopped_beforehand()
    {
        Assert.Equal(_client, (await SetAsync(false)).Value);
        Assert.False((await ReadAsync()).Value.Value.Approved);
    }

    [Fact]
    public async Task A_development_host_approves_whom_nobody_has_judged()
    {
        foreach (bool stopped in new[] { false, true })
        {
            if (stopped)
            {
                _ = (await SetAsync(false)).Value;
            }

            _ = (await _bed.Sam.Clients.ApproveNewAsync(_client, CancellationToken.None)).Value;
            Assert.Equal(!stopped, (await ReadAsync()).Value.Value.Approved);
        }
    }

    [Fact]
    public async Task Clients_that_are_spelled_alike_are_two()
    {
        _ = (await SetAsync(true)).Value;
        Assert.Equal(
            SamErrorCode.RowMissing,
            (await _bed.SealedRows.ReadAsync(SignerRows.Client(SamTestBed.Id("Another-SCA")), RowSchemas.Client, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task Concurrent_changes_conflict()
    {
        _ = (await SetAsync(true)).Value;
        bool changed = false;
        _bed.Rows.Before = async call =>
        {
            if (call.Kind == RowStoreCallKind.Replace && !changed)
            {
                changed = true;
                _ = (await SetAsync(false)).Value;
                _ = (await SetAsync(true)).Value;
            }
        };
        Assert.Equal(SamErrorCode.RowConflict, (await SetAsync(false)).Refusal?.Code);
    }

    [Fact]
    public async Task A_stop_whose_answer_was_lost_is_a_stop()
    {
        _ = (await SetAsync(true)).Value;
        _bed.Rows.Fate = call => call.IsWrite ? WriteFate.ArrivesUnanswered : WriteFate.Answered;
        Assert.Null((await SetAsync(false)).Refusal);
        Assert.False((await ReadAsync()).Value.Value.Approved);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_row_that_somebody_changed_is_neither_approved_nor_stopped()
    {
        _ = (await SetAsync(true)).Value;
        RowAddress address = SignerRows.Client(_client);
        byte[] changed = _bed.Table.Attacker.Row(address).Content.ToArray();
        changed[^1] ^= 1;
        _ = _bed.Table.Attacker.Write(address, changed);

        Assert.Equal(SamErrorCode.RowBroken, (await SetAsync(true)).Refusal?.Code);
        Assert.Equal(SamErrorCode.RowBroken, (await SetAsync(false)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Another_clients_approval_in_its_place_is_broken()
    {
        _ = _bed.Table.Attacker.Write(SignerRows.Client(_client), _bed.Table.Attacker.Row(SignerRows.Client(_bed.Client)).Content);
        Assert.Equal(SamErrorCode.RowBroken, (await ReadAsync()).Refusal?.Code);
    }

    private Task<Result<ClientId>> SetAsync(bool approved) => _bed.Sam.Clients.SetApprovedAsync(_client, approved, CancellationToken.None);

    private Task<Result<SealedRow<ClientRow>>> ReadAsync() => _bed.SealedRows.ReadAsync(SignerRows.Client(_client), RowSchemas.Client, CancellationToken.None);
}
