using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Testing;
using Sam.Testing.InMemory;
using Xunit;

namespace Sam.Tests.Sealing;

public sealed class SystemKeysTests : IAsyncDisposable
{
    private readonly InMemoryRowStore _table = new(new FakeTimeProvider());
    private readonly FaultyRowStore _way;
    private readonly SoftwareKeyBackend _hsm = new();

    public SystemKeysTests() => _way = new FaultyRowStore(_table);

    public ValueTask DisposeAsync() => _hsm.DisposeAsync();

    [Fact]
    public async Task The_second_process_opens_what_the_first_one_sealed()
    {
        using SystemKeys first = await OpenAsync();
        using SystemKeys second = await OpenAsync();

        Assert.Equal("x"u8.ToArray(), second.Envelope.Open("row", [], first.Envelope.Seal("row", [], "x"u8)));
        Assert.Equal((first.Pepper, first.Epoch), (second.Pepper, second.Epoch));
        Assert.Equal(1u, first.Epoch);
        Assert.Equal(2, _hsm.KeyNames.Count);
    }

    [Fact]
    [Trait("Requirement", "SIG-2b")]
    public async Task Each_deployment_has_a_data_key_that_nobody_can_guess()
    {
        List<string> secrets = [];
        for (int i = 0; i < 3; i++)
        {
            using SystemKeys keys = await OpenAsync();
            StoredRow row = Assert.Single(_table.Attacker.Rows());
            secrets.Add(Convert.ToHexString(await UnwrapAsync(JsonSerializer.Deserialize(row.Content.Span, RowJson.Default.KeyringRow)!)));
            Assert.True(_table.Attacker.Delete(row.Address));
        }

        // By chance, three keys have the same digit at one place in 256.
        Assert.True(Enumerable.Range(0, 64).Count(at => secrets.All(s => s[at] == secrets[0][at])) < 8);
    }

    [Fact]
    public async Task Processes_that_start_at_once_agree_on_one_keyring()
    {
        const int Processes = 8;
        AsyncBarrier all = new(Processes);

        // All have read an empty table and made keys before the first of them inserts.
        _way.Before = call => call.Kind == RowStoreCallKind.Insert ? all.ArriveAsync() : Task.CompletedTask;

        SystemKeys[] keys = await Task.WhenAll(Enumerable.Range(0, Processes).Select(_ => Task.Run(OpenAsync)));

        byte[] sealedBytes = keys[0].Envelope.Seal("row", [], "x"u8);
        Assert.All(keys, k => Assert.Equal("x"u8.ToArray(), k.Envelope.Open("row", [], sealedBytes)));
        Assert.Single(keys.Select(k => k.Pepper).Distinct());
        Assert.Single(_table.Attacker.Rows());

        // The losers' keys are gone from the HSM, the winner's are not.
        Assert.Equal(2, _hsm.KeyNames.Count);
        Assert.Contains(keys[0].Pepper.Value, _hsm.KeyNames);
        Array.ForEach(keys, k => k.Dispose());
    }

    [Fact]
    public async Task A_keyring_whose_insert_was_not_answered_is_kept()
    {
        _way.Fate = _ => WriteFate.ArrivesUnanswered;
        using SystemKeys first = await OpenAsync();
        Assert.Equal(2, _hsm.KeyNames.Count);
    }

    [Fact]
    public async Task A_keyring_that_did_not_arrive_stops_the_start()
    {
        _way.Fate = _ => WriteFate.LostBeforeArriving;
        await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
    }

    /// <summary>The one row that no data key seals: whatever an insider makes of it, it gives no other keys, and no failure but the two that are described.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_changed_keyring_gives_no_other_keys()
    {
        using SystemKeys keys = await OpenAsync();
        StoredRow row = Assert.Single(_table.Attacker.Rows());
        byte[] sealedBytes = keys.Envelope.Seal("row", [], "x"u8);
        for (int bit = 0; bit < row.Content.Length * 8; bit++)
        {
            byte[] changed = row.Content.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            _ = _table.Attacker.Write(row.Address, changed);
            try
            {
                using SystemKeys opened = await OpenAsync();

                // Another spelling of the same bytes.
                Assert.Equal((keys.Pepper, keys.Epoch), (opened.Pepper, opened.Epoch));
                Assert.NotNull(opened.Envelope.Open("row", [], sealedBytes));
            }
            catch (Exception described) when (described is RowStoreException or KeyBackendException)
            {
            }
        }
    }

    public static TheoryData<string> NoKeyrings =>
    [
        "x", "null", "[]", "{}", """{"WrappingKey":"a"}""", """{"WrappingKey":null,"DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"AA==","SealedNames":"AA=="}""",
        """{"WrappingKey":"two words","DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"AA==","SealedNames":"AA=="}""",
        """{"WrappingKey":"WRAPPING","DataKeyId":"AAAA","WrappedDataKey":"WRAPPED","SealedNames":"AA=="}""",
        """{"WrappingKey":"WRAPPING","DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"WRAPPED","SealedNames":"AA=="}""",
        """{"WrappingKey":"WRAPPING","DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"WRAPPED16","SealedNames":"AA=="}""",
    ];

    [Theory]
    [MemberData(nameof(NoKeyrings))]
    public async Task What_is_no_keyring_stops_the_start(string content)
    {
        KeyReference wrapping = await _hsm.CreateWrappingKeyAsync(CancellationToken.None);
        string json = content
            .Replace("WRAPPING", wrapping.Value, StringComparison.Ordinal)
            .Replace("WRAPPED16", Convert.ToBase64String(await _hsm.WrapAsync(wrapping, new byte[16], CancellationToken.None)), StringComparison.Ordinal)
            .Replace("WRAPPED", Convert.ToBase64String(await _hsm.WrapAsync(wrapping, new byte[32], CancellationToken.None)), StringComparison.Ordinal);
        _ = _table.Attacker.Write(new RowAddress(SamTable.Keys, "system", "keyring"), Encoding.UTF8.GetBytes(json));

        await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
    }

    [Fact]
    public async Task Names_under_another_seal_are_refused()
    {
        // The wrapped key is right and the names were sealed under another one: by whoever has an HSM of their own.
        using SystemKeys keys = await OpenAsync();
        StoredRow row = Assert.Single(_table.Attacker.Rows());
        KeyringRow ours = JsonSerializer.Deserialize(row.Content.Span, RowJson.Default.KeyringRow)!;
        _ = _table.Attacker.Delete(row.Address);
        using SystemKeys others = await OpenAsync();
        KeyringRow theirs = JsonSerializer.Deserialize(Assert.Single(_table.Attacker.Rows()).Content.Span, RowJson.Default.KeyringRow)!;

        foreach (KeyringRow mixed in new[]
        {
            ours with { SealedNames = theirs.SealedNames }, ours with { WrappedDataKey = theirs.WrappedDataKey, WrappingKey = theirs.WrappingKey }, ours with { DataKeyId = theirs.DataKeyId },
        })
        {
            _ = _table.Attacker.Write(row.Address, JsonSerializer.SerializeToUtf8Bytes(mixed, RowJson.Default.KeyringRow));
            await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
        }
    }

    [Fact]
    public async Task Another_HSM_opens_no_keyring()
    {
        using SystemKeys keys = await OpenAsync();
        await using SoftwareKeyBackend other = new();

        KeyBackendException failure = await Assert.ThrowsAsync<KeyBackendException>(() => SystemKeys.OpenAsync(_table, other, CancellationToken.None));

        Assert.Equal(KeyBackendFailure.KeyNotFound, failure.Failure);
        Assert.Empty(other.KeyNames);
    }

    /// <summary>Written from the description: what the seal of the names is bound to.</summary>
    [Fact]
    public async Task The_names_are_bound_to_the_wrapping_key()
    {
        using SystemKeys keys = await OpenAsync();
        KeyringRow row = JsonSerializer.Deserialize(Assert.Single(_table.Attacker.Rows()).Content.Span, RowJson.Default.KeyringRow)!;
        byte[] secret = await UnwrapAsync(row);
        using DataKey dataKey = new(row.DataKeyId, secret);
        Envelope envelope = new(dataKey);

        byte[]? names = envelope.Open("keyring", AssociatedData.Of("sam-keyring", row.WrappingKey), row.SealedNames);

        Assert.Equal($$"""{"Pepper":"{{keys.Pepper}}","Epoch":1}""", Encoding.UTF8.GetString(names ?? []));
        Assert.Null(envelope.Open("keyring", AssociatedData.Of("sam-keyring"), row.SealedNames));
    }

    private Task<byte[]> UnwrapAsync(KeyringRow row) => _hsm.UnwrapAsync(KeyReference.Parse(row.WrappingKey), row.WrappedDataKey, CancellationToken.None);

    private Task<SystemKeys> OpenAsync() => SystemKeys.OpenAsync(_way, _hsm, CancellationToken.None);
}
