using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Objects;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11;

/// <summary>A PKCS#11 token as the SAM's HSM. A key's reference is the lowercase hex of its CKA_ID.</summary>
public sealed class Pkcs11KeyBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport, IKeyAgreement, IRandomBytes
{
    private readonly Token _token;
    private readonly SessionPool _sessions;
    private readonly KeyMaker _keys;
    private readonly Pkcs11Options _options;
    private int _disposed;

    private Pkcs11KeyBackend(Token token, Pkcs11Options options, TimeProvider time)
    {
        _token = token;
        _options = options;
        _keys = new KeyMaker(token);
        _sessions = new SessionPool(token, options.MaxSessions, time);
    }

    /// <inheritdoc/>
    public KeyBackendDescription Description { get; } = new("pkcs11", KeyAlgorithm.All, SignatureAlgorithm.All);

    /// <summary>Loads the module, finds the token and logs in. A wrong PIN is tried once per process.</summary>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/> with one line that names the setting at fault -or- the HSM is away or slow.
    /// </exception>
    public static async Task<Pkcs11KeyBackend> OpenAsync(Pkcs11Options options, TimeProvider time, CancellationToken cancellationToken)
    {
        options.Validate();
        byte[] pin = await PinFile.ReadAsync(options.PinFile, cancellationToken);
        string path = options.ModulePath.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(options.ModulePath) : options.ModulePath;

        // A thread of its own: a module that hangs while it starts must not take one of the thread pool with it.
        Task<Token> opening = Task.Factory.StartNew(
            () => Token.Open(path, options.TokenLabel, pin), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return new Pkcs11KeyBackend(await opening.WaitAsync(options.OperationTimeout, time, cancellationToken), options, time);
        }
        catch (TimeoutException)
        {
            throw new KeyBackendException(
                KeyBackendFailure.TimedOut, $"ModulePath: '{path}' did not open the token within {options.OperationTimeout.TotalSeconds:0.###} s.");
        }
    }

    /// <inheritdoc/>
    public Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken) =>
        _sessions.RunAsync(
            _options.KeyGenerationTimeout,
            lease => _keys.MakeSigningKey(lease, name, algorithm),
            (lease, key) => _keys.Destroy(lease, key.Reference),
            cancellationToken);

    /// <inheritdoc/>
    public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken) =>
        RunAsync(lease => _keys.Destroy(lease, KeyReference.Parse(name.Value)), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken) =>
        RunAsync(
            lease => lease.RunWithKey(key, CKO.CKO_PUBLIC_KEY, (session, handle) => PublicKeys.Read(session, handle).SubjectPublicKeyInfo),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<byte[]>> SignDigestsAsync(
        KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        DigestBatch batch = new(key, algorithm, digests);
        Task first = RunAsync(batch.Work, cancellationToken);
        try
        {
            // Nothing is under way any more when the caller is told. Half of the pool stays for others.
            await Task.WhenAll([first, .. Enumerable.Range(1, Math.Min(digests.Count, _options.MaxSessions / 2)).Skip(1).Select(_ => _sessions.TryRunAsync(_options.OperationTimeout, batch.Work))]);
        }
        catch (OperationCanceledException) when (batch.IsBegun)
        {
            // One gave up before it had a session; another had one already.
            throw new KeyBackendException(KeyBackendFailure.TimedOut, "PKCS#11: the batch was given up when some of it was at the HSM.");
        }

        return batch.Signatures;
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken)
    {
        _ = await RunAsync(lease => _keys.Destroy(lease, key), cancellationToken);
        return null;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<byte[]>> ReadAnchorsAsync(CancellationToken cancellationToken) => RunAsync(lease => Anchors.Read(lease, _token.Login), cancellationToken);

    /// <inheritdoc/>
    public Task WriteAnchorAsync(ReadOnlyMemory<byte> anchor, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(anchor.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(anchor.Length, IHsmAnchor.MaxSize);
        return RunAsync(lease => Anchors.Write(lease, _token.Login, anchor.ToArray(), superseded), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync(CancellationToken cancellationToken) =>
        _sessions.RunAsync(
            _options.KeyGenerationTimeout,
            _keys.MakeExchangeKey,
            (lease, made) => _keys.Destroy(lease, made.Key),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<SigningKey> ImportKeyAsync(
        KeyName name, KeyAlgorithm algorithm, KeyReference exchangeKey, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> subjectPublicKeyInfo, CancellationToken cancellationToken)
    {
        TransferredKey transferred = TransferredKey.Parse(algorithm, blob, subjectPublicKeyInfo.Span);
        SigningKey imported = await _sessions.RunAsync(
            _options.KeyGenerationTimeout,
            lease => _keys.TakeIn(lease, name, exchangeKey, transferred),
            (lease, key) => _keys.Destroy(lease, key.Reference),
            cancellationToken);
        return await ImportedKey.ProveAsync(this, name, imported, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => RunAsync(
        lease => lease.Run(session =>
        {
            _token.Ask();
            return session.IsLoggedIn ? true : throw new CkException("C_GetSessionInfo", CKR.CKR_USER_NOT_LOGGED_IN);
        }),
        cancellationToken);

    /// <inheritdoc/>
    public Task<KeyReference> CreateWrappingKeyAsync(CancellationToken cancellationToken) =>
        GenerateSecretAsync(Mechanisms.GenerateAesKey, KeyTemplates.WrappingKey, cancellationToken);

    /// <inheritdoc/>
    public Task<KeyReference> CreateMacKeyAsync(CancellationToken cancellationToken) =>
        GenerateSecretAsync(Mechanisms.GenerateGenericSecret, KeyTemplates.MacKey, cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> WrapAsync(KeyReference key, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) =>
        RunAsync(lease => SecretWrapping.Wrap(lease, key, secret), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> UnwrapAsync(KeyReference key, ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken) =>
        RunAsync(lease => SecretWrapping.Unwrap(lease, key, wrapped), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> ComputeMacAsync(KeyReference key, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        RunAsync(
            lease => lease.RunWithKey(key, CKO.CKO_SECRET_KEY, (session, handle) => session.Sign(Mechanisms.HmacSha256, handle, data.ToArray())),
            cancellationToken);

    /// <inheritdoc/>
    public Task<KeyReference> CreateAgreementKeyAsync(CancellationToken cancellationToken) =>
        _sessions.RunAsync(_options.KeyGenerationTimeout, _keys.MakeAgreementKey, (lease, key) => _keys.Destroy(lease, key), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> GetAgreementKeyAsync(KeyReference key, CancellationToken cancellationToken) => RunAsync(lease => KeyAgreement.ReadPublicKey(lease, key), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> AgreeAsync(KeyReference key, ReadOnlyMemory<byte> other, CancellationToken cancellationToken)
    {
        byte[] point = PublicKeys.PointOf(other.Span);
        return RunAsync(lease => KeyAgreement.Agree(lease, key, point), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<byte[]> GetRandomBytesAsync(int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IRandomBytes.MaxCount);
        return await RunAsync(lease => lease.Run(session => session.GenerateRandom(count)), cancellationToken);
    }

    /// <summary>
    /// Waits for the calls that are inside the HSM, closes all sessions and finalizes the module with its last user.
    /// A module that still hangs at the operation's deadline is left as it is: finalizing it under a running call is undefined.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0 && await _sessions.StopAsync(_options.OperationTimeout))
        {
            await Task.Run(_token.Close);
        }
    }

    private Task<T> RunAsync<T>(Func<SessionLease, T> call, CancellationToken cancellationToken) =>
        _sessions.RunAsync(_options.OperationTimeout, call, undo: null, cancellationToken);

    private Task<KeyReference> GenerateSecretAsync(CK_MECHANISM mechanism, Func<byte[], Template> templateOf, CancellationToken cancellationToken) =>
        _sessions.RunAsync(
            _options.KeyGenerationTimeout,
            lease => _keys.MakeSecretKey(lease, mechanism, templateOf),
            (lease, key) => _keys.Destroy(lease, key),
            cancellationToken);
}
