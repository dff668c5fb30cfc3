using System.Formats.Asn1;
using System.Security.Cryptography;
using Sam.Core.Certificates;

namespace Sam.Testing.Certificates;

/// <summary>An OCSP answer (RFC 6960 section 4.2.1), written by hand so that every part of it can be wrong.</summary>
/// <param name="Status">What it says.</param>
/// <param name="ThisUpdate">Since when that is known.</param>
/// <param name="NextUpdate">Until when it holds; null for an answer that does not say.</param>
/// <param name="Sign">Signs: ECDSA over SHA-256, DER.</param>
public sealed record OcspReply(RevocationStatus Status, DateTimeOffset ThisUpdate, DateTimeOffset? NextUpdate, Func<byte[], byte[]> Sign)
{
    private static readonly Asn1Tag _tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag _tag1 = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag _tag2 = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <summary>The nonce that it repeats, given the question's; null for none.</summary>
    public Func<byte[], byte[]?> Nonce { get; init; } = asked => asked;

    /// <summary>The certificate that it is about, given the one that was asked about (CertID, DER).</summary>
    public Func<byte[], byte[]> About { get; init; } = asked => asked;

    /// <summary>Certificates that go along, DER.</summary>
    public IReadOnlyList<byte[]> Certificates { get; init; } = [];

    /// <summary>The responder's word on the question as a whole; 0 is success.</summary>
    public int ResponseStatus { get; init; }

    /// <summary>Answers a question, DER.</summary>
    public byte[] To(byte[] question)
    {
        (byte[] certificate, byte[] nonce) = Read(question);
        byte[] data = ResponseData(About(certificate), Nonce(nonce));
        AsnWriter basic = new(AsnEncodingRules.DER);
        using (basic.PushSequence())
        {
            basic.WriteEncodedValue(data);
            using (basic.PushSequence())
            {
                basic.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            }

            basic.WriteBitString(Sign(data));
            if (Certificates.Count > 0)
            {
                using (basic.PushSequence(_tag0))
                using (basic.PushSequence())
                {
                    foreach (byte[] der in Certificates)
                    {
                        basic.WriteEncodedValue(der);
                    }
                }
            }
        }

        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue([0x0A, 0x01, (byte)ResponseStatus]);
            using (writer.PushSequence(_tag0))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.1");
                writer.WriteOctetString(basic.Encode());
            }
        }

        return writer.Encode();
    }

    private static (byte[] Certificate, byte[] Nonce) Read(byte[] question)
    {
        AsnReader request = new AsnReader(question, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        byte[] certificate = request.ReadSequence().ReadSequence().ReadEncodedValue().ToArray();
        AsnReader extension = request.ReadSequence(_tag2).ReadSequence().ReadSequence();
        _ = extension.ReadObjectIdentifier();
        return (certificate, new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER).ReadOctetString());
    }

    private byte[] ResponseData(byte[] certificate, byte[]? nonce)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(_tag2))
            {
                writer.WriteOctetString(new byte[SHA1.HashSizeInBytes]);
            }

            writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(certificate);
                WriteStatus(writer);
                writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
                if (NextUpdate is { } next)
                {
                    using (writer.PushSequence(_tag0))
                    {
                        writer.WriteGeneralizedTime(next, omitFractionalSeconds: true);
                    }
                }
            }

            if (nonce is not null)
            {
                using (writer.PushSequence(_tag1))
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.2");
                    using (writer.PushOctetString())
                    {
                        writer.WriteOctetString(nonce);
                    }
                }
            }
        }

        return writer.Encode();
    }

    private void WriteStatus(AsnWriter writer)
    {
        if (Status == RevocationStatus.Revoked)
        {
            using (writer.PushSequence(_tag1))
            {
                writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
            }
        }
        else
        {
            writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, Status == RevocationStatus.Good ? 0 : 2));
        }
    }
}
