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

/// <summary>
/// What the token gives when nothing stands before it: C_SignInit and C_Sign in a loop, each thread with one session and the key's handle. Verified, if asked for, by the same thread.
/// </summary>
internal static class RawSigning
{
    internal static async Task<SigningRate> MeasureAsync(Pkcs11Options options, KeyAlgorithm algorithm, int threads, TimeSpan time, bool verified)
    {
        await using Pkcs11KeyBackend backend = await Pkcs11KeyBackend.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        SigningKey key = await backend.GenerateKeyAsync(KeyName.New(), algorithm, CancellationToken.None);
        Token token = Token.Open(options.ModulePath, options.TokenLabel, await PinFile.ReadAsync(options.PinFile, CancellationToken.None));
        try
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            int[] counts = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ =>
                Task.Factory.StartNew(() => Sign(token, key, time, verified), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            return new SigningRate(counts.Sum() / time.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / counts.Sum());
        }
        finally
        {
            token.Close();
            await backend.DestroyKeyAsync(key.Reference, CancellationToken.None);
        }
    }

    private static int Sign(Token token, SigningKey key, TimeSpan time, bool verified)
    {
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.First(a => a.Fits(key.Algorithm));
        _ = Digest.TryCreate(algorithm.Hash, RandomNumberGenerator.GetBytes(algorithm.Hash.SizeInBytes), out Digest? digest);
        (CK_MECHANISM mechanism, byte[] input) = Mechanisms.ToSign(algorithm, digest!);
        Session session = token.OpenSession();
        ulong handle = token.Keys.HandleOf(session, key.Reference, CKO.CKO_PRIVATE_KEY);
        using AsymmetricAlgorithm publicKey = key.Algorithm.IsRsa ? RSA.Create() : ECDsa.Create();
        publicKey.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        int count = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; count++)
        {
            byte[] signature = session.Sign(mechanism, handle, input);
            if (verified && !Verifies(publicKey, algorithm, digest!, signature))
            {
                throw new CryptographicException("The token's signature does not verify.");
            }
        }

        session.Close();
        return count;
    }

    private static bool Verifies(AsymmetricAlgorithm key, SignatureAlgorithm algorithm, Digest digest, byte[] signature) => key switch
    {
        RSA rsa => rsa.VerifyHash(digest.Value, signature, algorithm.Hash.BclName, algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => ecdsa.VerifyHash(digest.Value, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        _ => false,
    };
}
