using System.Formats.Asn1;
using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>The attributes of everything that this project makes. What a key may not do is written out: a missing attribute is the HSM's choice.</summary>
internal static class KeyTemplates
{
    private static readonly byte[] _f4 = [0x01, 0x00, 0x01];

    internal static Template PublicHalf(KeyAlgorithm algorithm, byte[] id) => algorithm.IsRsa ? RsaPublicHalf(algorithm, id, verifies: true) : EcPublicHalf(algorithm, id, verifies: true);

    /// <summary>The public half of an imported key: it is made of its parameters, and may do what a generated one may.</summary>
    internal static Template ImportedPublicHalf(KeyAlgorithm algorithm, (CKA Type, byte[] Value)[] parameters, byte[] id)
    {
        Template template = PublicKey(id, verifies: true);
        template.Add(CKA.CKA_KEY_TYPE, TypeOf(algorithm));
        foreach ((CKA type, byte[] value) in parameters)
        {
            template.Add(type, value);
        }

        return template;
    }

    /// <summary>The private half of an imported key: what a generated one is, and its type, which an unwrapping cannot tell.</summary>
    internal static Template ImportedPrivateHalf(KeyAlgorithm algorithm, byte[] id)
    {
        Template template = PrivateHalf(algorithm, id);
        template.Add(CKA.CKA_KEY_TYPE, TypeOf(algorithm));
        return template;
    }

    /// <summary>The public half of an exchange key, with which others wrap outside; in the HSM it does nothing.</summary>
    internal static Template ExchangePublicHalf(KeyAlgorithm algorithm, byte[] id) => RsaPublicHalf(algorithm, id, verifies: false);

    /// <summary>The public half of an agreement key, with which others agree outside; in the HSM it does nothing.</summary>
    internal static Template AgreementPublicHalf(KeyAlgorithm algorithm, byte[] id) => EcPublicHalf(algorithm, id, verifies: false);

    /// <summary>An agreement key.</summary>
    internal static Template AgreementPrivateHalf(KeyAlgorithm algorithm, byte[] id)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(algorithm.IsRsa, true, nameof(algorithm));
        Template template = PrivateKey(id, PrivateUse.Derive);
        template.Add(CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_ECDH1_DERIVE);
        return template;
    }

    /// <summary>An agreed secret: it can be read, and dies with its session.</summary>
    internal static Template AgreedSecret(int length)
    {
        Template template = UnwrappedSecret();
        template.Add(CKA.CKA_VALUE_LEN, (ulong)length);
        return template;
    }

    /// <summary>An exchange key. It must not decrypt: that would give out the AES key of a transfer, and with it the key itself.</summary>
    internal static Template ExchangePrivateHalf(KeyAlgorithm algorithm, byte[] id)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(algorithm.IsRsa, false, nameof(algorithm));
        Template template = PrivateKey(id, PrivateUse.Unwrap);
        template.Add(CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_RSA_PKCS_OAEP);
        return template;
    }

    /// <summary>The AES key of a transfer: it unwraps one key, is never seen, and dies with its session.</summary>
    internal static Template TransferKey() => new()
    {
        { CKA.CKA_CLASS, CKO.CKO_SECRET_KEY },
        { CKA.CKA_KEY_TYPE, CKK.CKK_AES },
        { CKA.CKA_TOKEN, false },
        { CKA.CKA_PRIVATE, true },
        { CKA.CKA_SENSITIVE, true },
        { CKA.CKA_EXTRACTABLE, false },
        { CKA.CKA_MODIFIABLE, false },
        { CKA.CKA_UNWRAP, true },
        { CKA.CKA_WRAP, false },
        { CKA.CKA_ENCRYPT, false },
        { CKA.CKA_DECRYPT, false },
        { CKA.CKA_SIGN, false },
        { CKA.CKA_VERIFY, false },
        { CKA.CKA_DERIVE, false },
        { CKA.CKA_ALLOWED_MECHANISMS, CKM.CKM_AES_KEY_WRAP_PAD },
    };

    internal static Template PrivateHalf(KeyAlgorithm algorithm, byte[] id)
    {
        Template template = PrivateKey(id, PrivateUse.Sign);

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

    private static CKK TypeOf(KeyAlgorithm algorithm) => algorithm.IsRsa ? CKK.CKK_RSA : CKK.CKK_EC;

    private static Template PublicKey(byte[] id, bool verifies) => new()
    {
        { CKA.CKA_CLASS, CKO.CKO_PUBLIC_KEY },
        { CKA.CKA_TOKEN, true },
        { CKA.CKA_PRIVATE, true },
        { CKA.CKA_ID, id },
        { CKA.CKA_LABEL, LabelOf(id) },
        { CKA.CKA_VERIFY, verifies },
        { CKA.CKA_ENCRYPT, false },
        { CKA.CKA_WRAP, false },
        { CKA.CKA_VERIFY_RECOVER, false },
        { CKA.CKA_DERIVE, false },
        { CKA.CKA_MODIFIABLE, false },
    };

    private static Template RsaPublicHalf(KeyAlgorithm algorithm, byte[] id, bool verifies)
    {
        Template template = PublicKey(id, verifies);
        template.Add(CKA.CKA_MODULUS_BITS, (ulong)algorithm.SizeInBits);
        template.Add(CKA.CKA_PUBLIC_EXPONENT, _f4);
        return template;
    }

    private static Template EcPublicHalf(KeyAlgorithm algorithm, byte[] id, bool verifies)
    {
        AsnWriter curve = new(AsnEncodingRules.DER);
        curve.WriteObjectIdentifier(algorithm.CurveOid!);
        Template template = PublicKey(id, verifies);
        template.Add(CKA.CKA_EC_PARAMS, curve.Encode());
        return template;
    }

    // No key has two uses.
    private static Template PrivateKey(byte[] id, PrivateUse use)
    {
        Template template = Secret(CKO.CKO_PRIVATE_KEY, id);
        template.Add(CKA.CKA_SIGN, use == PrivateUse.Sign);
        template.Add(CKA.CKA_UNWRAP, use == PrivateUse.Unwrap);
        template.Add(CKA.CKA_DERIVE, use == PrivateUse.Derive);
        template.Add(CKA.CKA_DECRYPT, false);
        template.Add(CKA.CKA_SIGN_RECOVER, false);
        return template;
    }

    private enum PrivateUse
    {
        Sign,
        Unwrap,
        Derive,
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
