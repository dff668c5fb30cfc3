using System.Security.Cryptography;
using Sam.Core.Keys;

namespace Sam.Core.Randomness;

/// <summary>
/// Bytes of one source, each looked at, and each mixed with what an HSM gave: unpredictable as long as one of the two is. Mixing is an exclusive or with a stream under a key that the HSM's
/// bytes went into and that is replaced with each use, so neither makes the other worse, and who reads the memory later learns nothing of before.
/// </summary>
internal sealed class ConditionedRandom
{
    /// <summary>What is looked at before a source that failed is believed once more, in bytes.</summary>
    internal const int SecondLook = 4096;

    private const int MaxPiece = 1024;

    // A window of the proportion test: four questions to the HSM.
    private const int BytesOfHsm = RandomHealth.Window;

    private static readonly byte[] _domain = "sam-random/1"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly Source _source;

    // Zeros until an HSM's bytes are in it: then the source is all there is.
    private readonly byte[] _key = new byte[SHA256.HashSizeInBytes];
    private RandomHealth _health = new();
    private RandomHealth _healthOfHsm = new();
    private string? _fault;

    internal ConditionedRandom(Source source) => _source = source;

    /// <summary>Fills all of it.</summary>
    internal delegate void Source(Span<byte> destination);

    /// <summary>False once a source has failed twice in a row.</summary>
    internal bool IsSound => Volatile.Read(ref _fault) is null;

    /// <exception cref="RandomnessException">The bytes are not good enough, now or before.</exception>
    internal void Fill(Span<byte> destination)
    {
        lock (_lock)
        {
            for (int done = 0; done < destination.Length; done += MaxPiece)
            {
                FillPiece(destination.Slice(done, Math.Min(MaxPiece, destination.Length - done)));
            }
        }
    }

    /// <summary>Mixes an HSM's bytes in, which change everything that comes after.</summary>
    /// <exception cref="RandomnessException">They are not good enough.</exception>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal async Task MixAsync(IRandomBytes hsm, CancellationToken cancellationToken)
    {
        byte[] given = await AskAsync(hsm, BytesOfHsm, cancellationToken);
        if (!IsGoodOfHsm(given))
        {
            given = await AskAsync(hsm, SecondLook, cancellationToken);
            if (!IsGoodOfHsm(given))
            {
                throw Fail("the HSM");
            }
        }

        lock (_lock)
        {
            byte[] next = HKDF.Extract(HashAlgorithmName.SHA256, given, _key);
            next.CopyTo(_key, 0);
            CryptographicOperations.ZeroMemory(next);
            CryptographicOperations.ZeroMemory(given);
        }
    }

    private static async Task<byte[]> AskAsync(IRandomBytes hsm, int count, CancellationToken cancellationToken)
    {
        byte[] given = new byte[count];
        for (int done = 0; done < count; done += IRandomBytes.MaxCount)
        {
            byte[] piece = await hsm.GetRandomBytesAsync(IRandomBytes.MaxCount, cancellationToken);
            piece.CopyTo(given.AsSpan(done));
            CryptographicOperations.ZeroMemory(piece);
        }

        return given;
    }

    private void FillPiece(Span<byte> destination)
    {
        byte[] raw = Draw((destination.Length + RandomHealth.BlockSize - 1) / RandomHealth.BlockSize * RandomHealth.BlockSize);
        byte[] stream = HKDF.Expand(HashAlgorithmName.SHA256, _key, _key.Length + destination.Length, _domain);
        stream.AsSpan(0, _key.Length).CopyTo(_key);
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)(raw[i] ^ stream[_key.Length + i]);
        }

        CryptographicOperations.ZeroMemory(raw);
        CryptographicOperations.ZeroMemory(stream);
    }

    /// <summary>What the source gives, once it has passed. One alarm may be chance: then much more is looked at, and none of it is used.</summary>
    private byte[] Draw(int count)
    {
        if (_fault is { } fault)
        {
            throw Fail(fault);
        }

        byte[] raw = new byte[count];
        _source(raw);
        if (_health.Accepts(raw))
        {
            return raw;
        }

        _health = new RandomHealth();
        byte[] more = new byte[SecondLook];
        _source(more);
        _source(raw);
        return _health.Accepts(more) && _health.Accepts(raw) ? raw : throw Fail("the operating system");
    }

    private bool IsGoodOfHsm(byte[] given)
    {
        lock (_lock)
        {
            bool good = _healthOfHsm.Accepts(given);
            if (!good)
            {
                _healthOfHsm = new RandomHealth();
            }

            return good;
        }
    }

    private RandomnessException Fail(string source)
    {
        Volatile.Write(ref _fault, source);
        return new RandomnessException($"Random numbers are not issued any more: {source} gave bytes that are not good enough.");
    }
}
