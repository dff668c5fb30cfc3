using System.Diagnostics;
using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Objects;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.Bench;

/// <summary>What the token gives when nothing stands before it: C_SignInit and C_Sign in a loop, each thread with one session and the key's handle.</summary>
internal static class RawSigning
{
    internal static async Task<double> MeasureAsync(Pkcs11Options options, KeyAlgorithm algorithm, int threads, TimeSpan time)
    {
        await using Pkcs11KeyBackend backend = await Pkcs11KeyBackend.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        SigningKey key = await backend.GenerateKeyAsync(KeyName.New(), algorithm, CancellationToken.None);
        Token token = Token.Open(options.ModulePath, options.TokenLabel, await PinFile.ReadAsync(options.PinFile, CancellationToken.None));
        try
        {
            int[] counts = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ =>
                Task.Factory.StartNew(() => Sign(token, key, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            return counts.Sum() / time.TotalSeconds;
        }
        finally
        {
            token.Close();
            await backend.DestroyKeyAsync(key.Reference, CancellationToken.None);
        }
    }

    private static int Sign(Token token, SigningKey key, TimeSpan time)
    {
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.First(a => a.Fits(key.Algorithm));
        _ = Digest.TryCreate(algorithm.Hash, RandomNumberGenerator.GetBytes(algorithm.Hash.SizeInBytes), out Digest? digest);
        (CK_MECHANISM mechanism, byte[] input) = Mechanisms.ToSign(algorithm, digest!);
        Session session = token.OpenSession();
        ulong handle = token.Keys.HandleOf(session, key.Reference, CKO.CKO_PRIVATE_KEY);
        int count = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; count++)
        {
            _ = session.Sign(mechanism, handle, input);
        }

        session.Close();
        return count;
    }
}
