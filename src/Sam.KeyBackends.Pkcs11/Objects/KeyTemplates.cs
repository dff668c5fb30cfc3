using System.Formats.Asn1;
using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>The attributes of everything that this project makes. What a key may not do is written out: a missing attribute is the HSM's choice.</summary>
internal static class KeyTemplates
{
    private static readonly byte[] _f4 = [0x01, 0x00, 0x01];

    internal static Template PublicHalf(KeyAlgorithm algorithm, byte[] id)
    {
        Template template = new()
        {
            { CKA.CKA_CLASS, CKO.CKO_PUBLIC_KEY },
            { CKA.CKA_TOKEN, true },
            { CKA.CKA_PRIVATE, true },
            { CKA.CKA_ID, id },
            { CKA.CKA_LABEL, LabelOf(id) },
            { CKA.CKA_VERIFY, true },
            { CKA.CKA_ENCRYPT, false },
            { CKA.CKA_WRAP, false },
            { CKA.CKA_VERIFY_RECOVER, false },
            { CKA.CKA_DERIVE, false },
            { CKA.CKA_MODIFIABLE, false },
        };
        if (algorithm.IsRsa)
        {
            template.Add(CKA.CKA_MODULUS_BITS, (ulong)algorithm.SizeInBits);
            template.Add(CKA.CKA_PUBLIC_EXPONENT, _f4);
        }
        else
        {
            AsnWriter curve = new(AsnEncodingRules.DER);
            curve.WriteObjectIdentifier(algorithm.CurveOid!);
            template.Add(CKA.CKA_EC_PARAMS, curve.Encode());
        }

        return template;
    }

    internal static Template PrivateHalf(KeyAlgorithm algorithm, byte[] id)
    {
        Template template = Secret(CKO.CKO_PRIVATE_KEY, id);
        template.Add(CKA.CKA_SIGN, true);
        template.Add(CKA.CKA_DECRYPT, false);
        template.Add(CKA.CKA_UNWRAP, false);
        template.Add(CKA.CKA_SIGN_RECOVER, false);
        template.Add(CKA.CKA_DERIVE, false);

        // Raw RSA, or PKCS#1 over a hash that the HSM computes, is none of the schemes that the SAM checks.
        if (algorithm.IsRsa)
        {
            template.Add(CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_RSA_PKCS, CKM.CKM_RSA_PKCS_PSS);
        }
        else
        {
            template.Add(CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_ECDSA);
        }

        return template;
    }

    internal static Template WrappingKey(byte[] id)
    {
        Template template = SecretKey(CKK.CKK_AES, id);
        template.Add(CKA.CKA_WRAP, true);
        template.Add(CKA.CKA_UNWRAP, true);
        template.Add(CKA.CKA_SIGN, false);
        template.Add(CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_AES_KEY_WRAP_PAD);
        return template;
    }

    internal static Template MacKey(byte[] id)
    {
        Template template = SecretKey(CKK.CKK_GENERIC_SECRET, id);
        template.Add(CKA.CKA_SIGN, true);
        template.Add(CKA.CKA_WRAP, false);
        template.Add(CKA.CKA_UNWRAP, false);
        template.Add(CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_SHA256_HMAC);
        return template;
    }

    /// <summary>A secret on its way into a wrapping: it can be wrapped, not read, and dies with its session.</summary>
    internal static Template SecretToWrap(byte[] secret)
    {
        Template template = SessionSecret();
        template.Add(CKA.CKA_SENSITIVE, true);
        template.Add(CKA.CKA_VALUE, secret);
        return template;
    }

    /// <summary>A secret on its way out of a wrapping: it can be read, and dies with its session.</summary>
    internal static Template UnwrappedSecret()
    {
        Template template = SessionSecret();
        template.Add(CKA.CKA_SENSITIVE, false);
        return template;
    }

    /// <summary>What is asked for when anchors are searched. Private, so that a session without a PIN neither reads one nor puts another beside it.</summary>
    internal static Template Anchors() => new()
    {
        { CKA.CKA_CLASS, CKO.CKO_DATA },
        { CKA.CKA_TOKEN, true },
        { CKA.CKA_PRIVATE, true },
        { CKA.CKA_APPLICATION, "FunctionsSam"u8.ToArray() },
        { CKA.CKA_LABEL, "sam-anchor"u8.ToArray() },
    };

    internal static Template Anchor(byte[] value)
    {
        Template template = Anchors();
        template.Add(CKA.CKA_MODIFIABLE, false);
        template.Add(CKA.CKA_VALUE, value);
        return template;
    }

    private static Template SessionSecret() => new()
    {
        { CKA.CKA_CLASS, CKO.CKO_SECRET_KEY },
        { CKA.CKA_KEY_TYPE, CKK.CKK_GENERIC_SECRET },
        { CKA.CKA_TOKEN, false },
        { CKA.CKA_PRIVATE, true },
        { CKA.CKA_EXTRACTABLE, true },
    };

    private static Template SecretKey(CKK type, byte[] id)
    {
        Template template = Secret(CKO.CKO_SECRET_KEY, id);
        template.Add(CKA.CKA_KEY_TYPE, type);
        template.Add(CKA.CKA_VALUE_LEN, 32UL);
        template.Add(CKA.CKA_ENCRYPT, false);
        template.Add(CKA.CKA_DECRYPT, false);
        template.Add(CKA.CKA_VERIFY, false);
        template.Add(CKA.CKA_DERIVE, false);
        return template;
    }

    private static Template Secret(CKO kind, byte[] id) => new()
    {
        { CKA.CKA_CLASS, kind },
        { CKA.CKA_TOKEN, true },
        { CKA.CKA_PRIVATE, true },
        { CKA.CKA_SENSITIVE, true },
        { CKA.CKA_EXTRACTABLE, false },
        { CKA.CKA_MODIFIABLE, false },
        { CKA.CKA_ID, id },
        { CKA.CKA_LABEL, LabelOf(id) },
    };

    private static byte[] LabelOf(byte[] id) => System.Text.Encoding.ASCII.GetBytes($"sam-{KeyHandles.NameOf(id)}");
}
