using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sam.Testing.ManagedHsm;

/// <summary>
/// What the fake HSM does with a request that may be done: the operations of the Key Vault REST API 7.6 that the SAM uses, and a few beside them that its operators do.
/// Section names in comments are those of the REST reference.
/// </summary>
internal sealed class FakeKeyStore
{
    // 2026-03-14; nothing here judges by it, and a fixed date cannot be mistaken for a clock.
    private const long Now = 1_773_446_400;
    private const int KeysPerPage = 25;
    private const long Retention = 90L * 24 * 60 * 60;

    private readonly ConcurrentDictionary<string, Entry> _keys = new();
    private readonly string _host;
    private readonly bool _isManagedHsm;

    internal FakeKeyStore(string host, bool isManagedHsm)
    {
        _host = host;
        _isManagedHsm = isManagedHsm;
    }

    /// <summary>What the HSM makes in place of what was asked for, for a test of that.</summary>
    internal Action<JsonObject>? ChangeCreation { get; set; }

    /// <summary>The names of all keys that are neither deleted nor purged.</summary>
    internal IReadOnlyCollection<string> Names => [.. _keys.Where(k => k.Value.DeletedOn is null).Select(k => k.Key)];

    internal void SetEnabled(string name, bool enabled)
    {
        foreach (FakeKey version in _keys[name].Versions)
        {
            version.IsEnabled = enabled;
        }
    }

    /// <summary>Null for a path that this API does not have.</summary>
    internal HsmReply? CarryOut(HsmRequest request)
    {
        string[] parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, parts) switch
        {
            ("POST", ["keys", string name, "create"]) => Create(name, request.Body),
            ("PUT", ["keys", string name]) => Import(name, request.Body),
            ("GET", ["keys", string name, string version, "attestation"]) when _isManagedHsm => WithKey(name, version, key => HsmReply.Ok(Attested(name, key))),
            ("PATCH", ["keys", string name, string version]) => WithKey(name, version, key => Update(name, key, request.Body)),
            ("POST", ["keys", string name, string version, string operation]) => Use(name, version, operation, request),
            ("GET", ["keys", string name, string version]) => WithKey(name, version, key => HsmReply.Ok(Bundle(name, key))),
            ("GET", ["keys", string name]) => WithKey(name, version: null, key => HsmReply.Ok(Bundle(name, key))),
            ("DELETE", ["keys", string name]) => Delete(name),
            ("GET", ["keys"]) => List(request.SkipToken),
            ("GET", ["deletedkeys", string name]) => WithDeleted(name, entry => HsmReply.Ok(DeletedBundle(name, entry))),
            ("DELETE", ["deletedkeys", string name]) => WithDeleted(name, _ => Purge(name)),
            ("POST", ["rng"]) when _isManagedHsm => Random(request.Body),
            _ => null,
        };
    }

    // Create Key: a name that exists gets another version; one that is deleted and not purged is blocked.
    private HsmReply Create(string name, byte[] body)
    {
        JsonObject? parameters = Parse(body);
        if (parameters is not null)
        {
            ChangeCreation?.Invoke(parameters);
        }

        return Add(name, parameters is null ? null : FakeKey.Create(parameters, _isManagedHsm));
    }

    // Import Key: of its ways only "bring your own key" (KeyImportParameters with key.key_hsm; the blob as the BYOK specification has it).
    private HsmReply Import(string name, byte[] body)
    {
        JsonObject? parameters = Parse(body);
        if (parameters is not null)
        {
            ChangeCreation?.Invoke(parameters);
        }

        return Add(name, parameters is null ? null : FakeKey.Import(parameters, FindExchangeKey));
    }

    private FakeKey? FindExchangeKey(string? kid) => Uri.TryCreate(kid, UriKind.Absolute, out Uri? address) && address.Host == _host
        && address.AbsolutePath.Split('/') is ["", "keys", string name, string version] && _keys.TryGetValue(name, out Entry? entry) && entry.DeletedOn is null
            ? entry.Versions.FirstOrDefault(k => k.Version == version && k.Operations is ["import"])
            : null;

    private HsmReply Add(string name, FakeKey? key)
    {
        if (key is null)
        {
            return BadParameter;
        }

        Entry entry = _keys.GetOrAdd(name, _ => new Entry());
        if (entry.DeletedOn is not null)
        {
            return HsmReply.Error(409, "Conflict", "ObjectIsDeletedButRecoverable");
        }

        entry.Versions.Enqueue(key);
        return HsmReply.Ok(Bundle(name, key));
    }

    // Update Key: of its parameters only the tags, which take the place of all that were there. 15 of 256 and 256 characters (includes/key-operations of 2026-08).
    private HsmReply Update(string name, FakeKey key, byte[] body)
    {
        if (Parse(body)?["tags"] is not JsonObject { Count: <= 15 } tags || tags.Any(t => t.Key.Length > 256 || t.Value!.GetValue<string>().Length > 256))
        {
            return BadParameter;
        }

        key.Tags = (JsonObject)tags.DeepClone();
        return HsmReply.Ok(Bundle(name, key));
    }

    // Get Key Attestation: KeyAttributes with KeyAttestation. What is in the blobs is the HSM's maker's business; here they tell which key they are for.
    private JsonObject Attested(string name, FakeKey key)
    {
        JsonObject bundle = Bundle(name, key);
        string kid = Kid(name, key).AbsoluteUri;
        bundle["attributes"]!["attestation"] = new JsonObject
        {
            ["version"] = "fake-1",
            ["certificatePemFile"] = Encode("-----BEGIN CERTIFICATE-----"),
            ["privateKeyAttestation"] = Encode($"private {kid}"),
            ["publicKeyAttestation"] = key.Type == "oct-HSM" ? null : Encode($"public {kid}"),
        };
        return bundle;

        static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.ASCII.GetBytes(text));
    }

    // Sign, Verify, Wrap Key, Unwrap Key, Decrypt.
    private HsmReply? Use(string name, string version, string operation, HsmRequest request)
    {
        string? permission = operation switch { "sign" or "verify" or "decrypt" => operation, "wrapkey" => "wrapKey", "unwrapkey" => "unwrapKey", _ => null };
        return permission is null ? null : WithKey(name, version, key =>
        {
            if (!key.IsEnabled)
            {
                return HsmReply.Error(403, "Forbidden", "KeyDisabled");
            }

            if (!key.Operations.Contains(permission))
            {
                return HsmReply.Error(403, "Forbidden", "KeyOperationForbidden");
            }

            string? algorithm = request.Text("alg");
            if (request.Bytes("value") is not { } value)
            {
                return BadParameter;
            }

            if (operation == "verify")
            {
                return request.Bytes("digest") is { } digest && key.Verify(algorithm, digest, value) is { } valid
                    ? HsmReply.Ok(new JsonObject { ["value"] = valid })
                    : BadParameter;
            }

            byte[]? result = operation switch
            {
                "sign" => key.Sign(algorithm, value),
                "wrapkey" => key.Wrap(algorithm, value),
                "decrypt" => key.Decrypt(algorithm, value),
                _ => key.Unwrap(algorithm, value),
            };
            return result is null ? BadParameter : HsmReply.Value(Kid(name, key), result);
        });
    }

    // Get Keys: 25 names a page, without their versions, and an address for the next page.
    private HsmReply List(string? after)
    {
        string[] names = [.. Names.Order(StringComparer.Ordinal).Where(name => after is null || string.CompareOrdinal(name, after) > 0)];
        JsonArray page = [.. names.Take(KeysPerPage).Select(name => new JsonObject { ["kid"] = $"https://{_host}/keys/{name}" })];
        return HsmReply.Ok(new JsonObject
        {
            ["value"] = page,
            ["nextLink"] = names.Length > KeysPerPage ? $"https://{_host}/keys?api-version=7.6&$skiptoken={names[KeysPerPage - 1]}" : null,
        });
    }

    // Delete Key: all versions, and recoverable until the retention ends.
    private HsmReply Delete(string name)
    {
        if (!_keys.TryGetValue(name, out Entry? entry) || entry.DeletedOn is not null)
        {
            return KeyNotFound;
        }

        entry.DeletedOn = Now;
        return HsmReply.Ok(DeletedBundle(name, entry));
    }

    // Purge Deleted Key.
    private HsmReply Purge(string name)
    {
        _ = _keys.TryRemove(name, out _);
        return new HsmReply(204, []);
    }

    // Get Random Bytes: Managed HSM only.
    private static HsmReply Random(byte[] body) =>
        Parse(body)?["count"]?.GetValue<int>() is { } count && count is >= 1 and <= 128
            ? HsmReply.Ok(new JsonObject { ["value"] = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(count)) })
            : BadParameter;

    private HsmReply WithKey(string name, string? version, Func<FakeKey, HsmReply> then) =>
        _keys.TryGetValue(name, out Entry? entry) && entry.DeletedOn is null && entry.Versions.LastOrDefault(k => version is null || k.Version == version) is { } key
            ? then(key)
            : KeyNotFound;

    private HsmReply WithDeleted(string name, Func<Entry, HsmReply> then) =>
        _keys.TryGetValue(name, out Entry? entry) && entry.DeletedOn is not null ? then(entry) : KeyNotFound;

    private JsonObject Bundle(string name, FakeKey key) => new()
    {
        ["key"] = key.ToJsonWebKey(Kid(name, key)),
        ["attributes"] = new JsonObject
        {
            ["enabled"] = key.IsEnabled,
            ["created"] = Now,
            ["updated"] = Now,
            ["recoveryLevel"] = "Recoverable+Purgeable",
            ["recoverableDays"] = 90,
            ["exportable"] = key.IsExportable,
        },
        ["tags"] = key.Tags?.DeepClone(),
    };

    private JsonObject DeletedBundle(string name, Entry entry)
    {
        JsonObject bundle = Bundle(name, entry.Versions.Last());
        bundle["recoveryId"] = $"https://{_host}/deletedkeys/{name}";
        bundle["deletedDate"] = entry.DeletedOn;
        bundle["scheduledPurgeDate"] = entry.DeletedOn + Retention;
        return bundle;
    }

    private Uri Kid(string name, FakeKey key) => new($"https://{_host}/keys/{name}/{key.Version}");

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HsmReply BadParameter => HsmReply.Error(400, "BadParameter");

    private static HsmReply KeyNotFound => HsmReply.Error(404, "KeyNotFound");

    private sealed class Entry
    {
        internal ConcurrentQueue<FakeKey> Versions { get; } = new();

        internal long? DeletedOn { get; set; }
    }
}
