using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Sam.KeyBackends.ManagedHsm.Keys;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>One request, to be sent once or, unchanged, again.</summary>
internal sealed class HsmCall : IDisposable
{
    /// <summary>
    /// Pinned: a newer version is a change to be looked at. 7.6 is the first that has HS256.
    /// </summary>
    internal const string ApiVersion = "7.6";

    private readonly byte[]? _body;

    private HsmCall(RequestMethod method, string path, byte[]? body, string what)
    {
        Method = method;
        PathAndQuery = $"{path}?api-version={ApiVersion}";
        _body = body;
        What = what;
    }

    internal RequestMethod Method { get; }

    internal string PathAndQuery { get; }

    /// <summary>Null for a request without a body.</summary>
    internal ReadOnlyMemory<byte>? Body => _body;

    /// <summary>How it is called in messages for operators.</summary>
    internal string What { get; }

    /// <summary>Whether it asks how the HSM is: the circuit neither stops it nor learns from it.</summary>
    internal bool IsCheck { get; private init; }

    /// <summary><c>POST keys/{name}/{version}/{operation}</c> with <c>{"alg", "value"}</c> (REST reference: Sign, Wrap Key, Unwrap Key, Decrypt).</summary>
    internal static HsmCall Use(HsmKeyName key, string operation, string algorithm, ReadOnlySpan<byte> value)
    {
        // Written into one array of the right size, because it may hold a secret, and a growing buffer leaves copies behind.
        byte[] head = Encoding.ASCII.GetBytes($$"""{"alg":"{{algorithm}}","value":""" + '"');
        int length = Base64Url.GetEncodedLength(value.Length);
        byte[] body = new byte[head.Length + length + 2];
        head.CopyTo(body, 0);
        _ = Base64Url.EncodeToUtf8(value, body.AsSpan(head.Length));
        "\"}"u8.CopyTo(body.AsSpan(head.Length + length));
        return new HsmCall(RequestMethod.Post, $"{key.Path}/{operation}", body, operation);
    }

    /// <summary><c>POST rng</c> with <c>{"count"}</c> (REST reference: Get Random Bytes).</summary>
    internal static HsmCall Random(int count) =>
        new(RequestMethod.Post, "rng", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"count":{{count}}}""")), "rng");

    /// <summary>
    /// Reads a key that nobody has: "no such key" comes only from a service that knows the SAM's identity and lets it read keys. It costs the HSM nothing and needs no right
    /// that the SAM does not have anyway; random numbers would need one more, and are not had everywhere.
    /// </summary>
    internal static HsmCall Ask() => new(RequestMethod.Get, "keys/check/00000000000000000000000000000000", body: null, "check") { IsCheck = true };

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_body);
}
