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
        Assert.Equal(3, _hsm.KeyNames.Count);
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
        _way.Before = call => call.Kind == RowStoreCallKind.Insert && call.Address == SystemKeys.Address ? all.ArriveAsync() : Task.CompletedTask;

        SystemKeys[] keys = await Task.WhenAll(Enumerable.Range(0, Processes).Select(_ => Task.Run(OpenAsync)));

        byte[] sealedBytes = keys[0].Envelope.Seal("row", [], "x"u8);
        Assert.All(keys, k => Assert.Equal("x"u8.ToArray(), k.Envelope.Open("row", [], sealedBytes)));
        Assert.Single(keys.Select(k => k.Pepper).Distinct());
        Assert.Single(_table.Attacker.Rows());

        // The losers' keys are gone from the HSM, the winner's are not.
        Assert.Equal(3, _hsm.KeyNames.Count);
        Assert.Contains(keys[0].Pepper.Value, _hsm.KeyNames);
        Array.ForEach(keys, k => k.Dispose());
    }

    [Fact]
    public async Task A_keyring_whose_insert_was_not_answered_is_kept()
    {
        _way.Fate = call => call.Address == SystemKeys.Address ? WriteFate.ArrivesUnanswered : WriteFate.Answered;
        using SystemKeys first = await OpenAsync();
        Assert.Equal(3, _hsm.KeyNames.Count);
    }

    [Fact]
    public async Task A_keyring_that_did_not_arrive_stops_the_start()
    {
        _way.Fate = call => call.Address == SystemKeys.Address ? WriteFate.LostBeforeArriving : WriteFate.Answered;
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
        "x", "null", "[]", "{}", """{"WrappingKey":"a"}""", """{"WrappingKey":null,"MacKey":"a","DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"AA==","SealedNames":"AA==","Tag":"AA=="}""",
        """{"WrappingKey":"two words","MacKey":"a","DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"AA==","SealedNames":"AA==","Tag":"AA=="}""",
        """{"WrappingKey":"a","MacKey":"two words","DataKeyId":"AAAAAAAAAAA=","WrappedDataKey":"AA==","SealedNames":"AA==","Tag":"AA=="}""",
        """{"WrappingKey":"a","MacKey":"a","DataKeyId":"AAAA","WrappedDataKey":"AA==","SealedNames":"AA==","Tag":"AA=="}""",
    ];

    [Theory]
    [MemberData(nameof(NoKeyrings))]
    public async Task What_is_no_keyring_stops_the_start(string content)
    {
        _ = _table.Attacker.Write(SystemKeys.Address, Encoding.UTF8.GetBytes(content));
        await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
    }

    /// <summary>Also under a tag of the HSM, which would then have been made by a SAM that is broken: nothing but a data key opens the rows.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public async Task What_the_HSM_wrapped_and_is_no_data_key_stops_the_start(int size)
    {
        KeyReference wrapping = await _hsm.CreateWrappingKeyAsync(CancellationToken.None);
        KeyReference mac = await _hsm.CreateMacKeyAsync(CancellationToken.None);
        await WriteAsync(new KeyringRow(wrapping.Value, mac.Value, new byte[8], await _hsm.WrapAsync(wrapping, new byte[size], CancellationToken.None), new byte[40], []), mac);
        await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
    }

    /// <summary>
    /// With RSA everybody can wrap for the HSM. Somebody who writes to the table wraps a data key of their own under the SAM's wrapping key, and seals names under it:
    /// everything opens, and no MAC of the HSM vouches for it.
    /// </summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_data_key_that_a_stranger_wrapped_is_refused()
    {
        using SystemKeys keys = await OpenAsync();
        KeyringRow ours = JsonSerializer.Deserialize(Assert.Single(_table.Attacker.Rows()).Content.Span, RowJson.Default.KeyringRow)!;
        byte[] secret = new byte[DataKey.SizeInBytes];
        using DataKey theirs = new(ours.DataKeyId, secret);
        byte[] names = new Envelope(theirs).Seal("keyring", AssociatedData.Of("sam-keyring", ours.WrappingKey), Names(keys));
        KeyringRow forged = ours with { SealedNames = names, WrappedDataKey = await _hsm.WrapAsync(KeyReference.Parse(ours.WrappingKey), secret, CancellationToken.None) };
        KeyReference other = await _hsm.CreateMacKeyAsync(CancellationToken.None);

        foreach ((KeyringRow row, KeyReference? vouching) in new[] { (forged, (KeyReference?)null), (forged with { Tag = [] }, null), (forged with { MacKey = other.Value }, null) })
        {
            await WriteAsync(row, vouching);
            await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
        }

        // The trap works: under the right tag it would have opened.
        await WriteAsync(forged, keys.Pepper);
        using SystemKeys trapped = await OpenAsync();
        Assert.NotNull(trapped);
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_costs_the_HSM_no_keys()
    {
        _way.Before = call => call.IsWrite ? throw new RowStoreException("no right to write") : Task.CompletedTask;
        await Assert.ThrowsAsync<RowStoreException>(OpenAsync);
        Assert.Empty(_hsm.KeyNames);
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

        using JsonDocument read = JsonDocument.Parse(names ?? []);
        Assert.Equal(["Deployment", "Pepper", "Identity", "IdentityPublicKey", "Epoch"], read.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal((keys.DeploymentId, keys.Pepper.Value), (read.RootElement.GetProperty("Deployment").GetString(), read.RootElement.GetProperty("Pepper").GetString()));
        Assert.Null(envelope.Open("keyring", AssociatedData.Of("sam-keyring"), row.SealedNames));
    }

    /// <summary>What the SAM signs in its own name, the next process verifies, and nobody else's signature.</summary>
    [Fact]
    [Trait("Requirement", "REG-4")]
    public async Task The_module_signs_under_a_key_of_the_HSM()
    {
        using SystemKeys first = await OpenAsync();
        using SystemKeys second = await OpenAsync();
        byte[] signature = await first.Identity.SignAsync("statement"u8.ToArray(), CancellationToken.None);

        Assert.Equal(32, first.DeploymentId.Length);
        Assert.Equal(first.DeploymentId, second.DeploymentId);
        Assert.True(second.Identity.Verify("statement"u8, signature));
        Assert.False(second.Identity.Verify("Statement"u8, signature));
        signature[^1] ^= 1;
        Assert.False(second.Identity.Verify("statement"u8, signature));
        Assert.False(second.Identity.Verify("statement"u8, []));
    }

    private static byte[] Names(SystemKeys keys) => JsonSerializer.SerializeToUtf8Bytes(
        new KeyringNames(keys.DeploymentId, keys.Pepper.Value, keys.Pepper.Value, keys.Identity.SubjectPublicKeyInfo.ToArray(), Epoch: 1), RowJson.Default.KeyringNames);

    private async Task WriteAsync(KeyringRow row, KeyReference? vouching)
    {
        KeyringRow written = vouching is { } key ? row with { Tag = await _hsm.ComputeMacAsync(key, row.Tagged(), CancellationToken.None) } : row;
        _ = _table.Attacker.Write(SystemKeys.Address, JsonSerializer.SerializeToUtf8Bytes(written, RowJson.Default.KeyringRow));
    }

    private Task<byte[]> UnwrapAsync(KeyringRow row) => _hsm.UnwrapAsync(KeyReference.Parse(row.WrappingKey), row.WrappedDataKey, CancellationToken.None);

    private Task<SystemKeys> OpenAsync() => SystemKeys.OpenAsync(_way, _hsm, CancellationToken.None);
}
