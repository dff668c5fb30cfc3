using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Net.Pkcs11Interop.LowLevelAPI80.MechanismParams;
using Sam.Core.Algorithms;
using Sam.Core.Values;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>The mechanisms in use. Parameters of RSASSA-PSS and RSAES-OAEP are allocated once and live as long as the process.</summary>
internal static class Mechanisms
{
    private static readonly CK_MECHANISM _pssSha256 = Pss(CKM.CKM_SHA256, CKG.CKG_MGF1_SHA256, HashAlgorithm.Sha256);
    private static readonly CK_MECHANISM _pssSha384 = Pss(CKM.CKM_SHA384, CKG.CKG_MGF1_SHA384, HashAlgorithm.Sha384);
    private static readonly CK_MECHANISM _pssSha512 = Pss(CKM.CKM_SHA512, CKG.CKG_MGF1_SHA512, HashAlgorithm.Sha512);

    internal static CK_MECHANISM WrapPadded { get; } = Plain(CKM.CKM_AES_KEY_WRAP_PAD);

    /// <summary>RSAES-OAEP with SHA-1, which is what Azure's form of import has, and all that SoftHSM 2.6.1 offers. OAEP does not lean on SHA-1's resistance to collisions.</summary>
    internal static CK_MECHANISM OaepSha1 { get; } = Oaep();

    internal static CK_MECHANISM HmacSha256 { get; } = Plain(CKM.CKM_SHA256_HMAC);

    internal static CK_MECHANISM GenerateAesKey { get; } = Plain(CKM.CKM_AES_KEY_GEN);

    internal static CK_MECHANISM GenerateGenericSecret { get; } = Plain(CKM.CKM_GENERIC_SECRET_KEY_GEN);

    /// <summary>ECDH that gives the shared secret itself. Made for one call, whose caller frees it: the other side's point is part of it.</summary>
    internal static CK_MECHANISM Agree(byte[] point, IntPtr pointMemory)
    {
        Marshal.Copy(point, 0, pointMemory, point.Length);
        return With(
            CKM.CKM_ECDH1_DERIVE,
            new CK_ECDH1_DERIVE_PARAMS { Kdf = (ulong)CKD.CKD_NULL, PublicData = pointMemory, PublicDataLen = (ulong)point.Length });
    }

    internal static CK_MECHANISM GeneratePair(KeyAlgorithm algorithm) =>
        Plain(algorithm.IsRsa ? CKM.CKM_RSA_PKCS_KEY_PAIR_GEN : CKM.CKM_EC_KEY_PAIR_GEN);

    /// <summary>The mechanism, and what C_Sign is given under it: PKCS#1 v1.5 pads a DigestInfo, the others take the bare digest.</summary>
    internal static (CK_MECHANISM Mechanism, byte[] Input) ToSign(SignatureAlgorithm algorithm, Digest digest) => algorithm.Scheme switch
    {
        SignatureScheme.RsaPkcs1 => (Plain(CKM.CKM_RSA_PKCS), DigestInfo.Encode(digest)),
        SignatureScheme.RsaPss => (PssFor(algorithm.Hash), digest.Value.ToArray()),
        SignatureScheme.Ecdsa => (Plain(CKM.CKM_ECDSA), digest.Value.ToArray()),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Not a signature scheme."),
    };

    private static CK_MECHANISM PssFor(HashAlgorithm hash) =>
        hash == HashAlgorithm.Sha256 ? _pssSha256
        : hash == HashAlgorithm.Sha384 ? _pssSha384
        : _pssSha512;

    private static CK_MECHANISM Plain(CKM type) => new() { Mechanism = (ulong)type };

    private static CK_MECHANISM Pss(CKM hash, CKG mgf, HashAlgorithm algorithm)
    {
        CK_RSA_PKCS_PSS_PARAMS parameters = new() { HashAlg = (ulong)hash, Mgf = (ulong)mgf, Len = (ulong)algorithm.SizeInBytes };
        return With(CKM.CKM_RSA_PKCS_PSS, parameters);
    }

    private static CK_MECHANISM Oaep() => With(
        CKM.CKM_RSA_PKCS_OAEP,
        new CK_RSA_PKCS_OAEP_PARAMS { HashAlg = (ulong)CKM.CKM_SHA_1, Mgf = (ulong)CKG.CKG_MGF1_SHA1, Source = (ulong)CKZ.CKZ_DATA_SPECIFIED });

    private static CK_MECHANISM With<T>(CKM type, T parameters)
        where T : struct
    {
        int size = Marshal.SizeOf<T>();
        IntPtr memory = Marshal.AllocHGlobal(size);
        Marshal.StructureToPtr(parameters, memory, fDeleteOld: false);
        return new CK_MECHANISM { Mechanism = (ulong)type, Parameter = memory, ParameterLen = (ulong)size };
    }
}
