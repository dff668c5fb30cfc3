using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Cli.Audit;
using Sam.Core.Audit;

namespace Sam.Tests.Audit;

/// <summary>An audit of two processes that ended, and as it stood while they ran: two checkpoints each, that name each other, and rows behind the last.</summary>
internal sealed record AuditSample(string One, string Other, AuditRow[] Ended, AuditRow[] Running, ChainHead[] Heads, byte[] Certificate)
{
    internal static async Task<AuditSample> MakeAsync()
    {
        ListedHeads witness = new();
        AuditSite site = await AuditSite.OpenAsync();
        await using (site)
        {
            AuditSite.Process one = site.Start(witness);
            AuditSite.Process other = site.Start(witness);
            await one.WriteAsync(70);
            await other.WriteAsync(3);
            await site.TurnUntilSignedAsync(one, other);
            await one.WriteAsync(2);
            await other.WriteAsync(2);
            await site.TurnUntilSignedAsync(one, other);
            await one.WriteAsync(4);
            await other.WriteAsync(4);
            AuditRow[] running = site.Export();
            ChainHead latest = one.Log.Latest!;
            await site.DisposeAsync();
            return new AuditSample(one.Chain, other.Chain, site.Export(), running, [.. witness.Heads.Where(h => h.Sequence <= latest.Sequence)], site.Certificate);
        }
    }

    /// <summary>What an outsider says to these rows.</summary>
    internal AuditFault? Judge(IEnumerable<AuditRow> rows, bool withCertificate = true, IEnumerable<ChainHead>? heads = null)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Certificate);
        using ECDsa? key = withCertificate ? certificate.GetECDsaPublicKey() : null;
        using AuditVerifier verifier = new(key);
        foreach (AuditRow row in rows)
        {
            if (verifier.Take(row) is { } fault)
            {
                return fault;
            }
        }

        return verifier.Finish() ?? (heads ?? []).Select(head => verifier.Compare(head, "the witness")).FirstOrDefault(fault => fault is not null);
    }

    internal static bool IsCheckpoint(AuditRow row) => row.Partition.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal);

    internal static int IndexOf(AuditRow[] rows, string chain, int sequence) =>
        Array.FindIndex(rows, row => row.Partition.StartsWith(chain, StringComparison.Ordinal) && row.Row == $"{sequence:d12}");

    internal static int IndexOfCheckpoint(AuditRow[] rows, string chain, int number) =>
        Array.FindIndex(rows, row => IsCheckpoint(row) && CheckpointContent.Read(row.Content) is { } c && c.Head.ChainId == chain && c.Number == number);

    /// <summary>The rows with one that was changed.</summary>
    internal static AuditRow[] With(AuditRow[] rows, int index, Func<AuditRow, AuditRow> change) => [.. rows.Select((row, i) => i == index ? change(row) : row)];

    internal static AuditRow Flip(AuditRow row, int offset)
    {
        byte[] content = [.. row.Content];
        content[offset < 0 ? content.Length + offset : offset] ^= 0x02;
        return row with { Content = content };
    }

    /// <summary>The rows of a chain from one on as somebody writes them who has no key but knows the format: whole in itself.</summary>
    internal static AuditRow[] Rewrite(AuditRow[] rows, string chain, int from)
    {
        AuditRow[] changed = [.. rows];
        AuditRatchet ratchet = AuditRatchet.Of(chain, new byte[AuditFormat.HashSize]);
        ReadOnlyMemory<byte> head = from == 0 ? AuditChain.Genesis : AuditChain.Head(chain, changed[IndexOf(rows, chain, from - 1)].Content);
        for (int sequence = from; IndexOf(rows, chain, sequence) is >= 0 and var index; sequence++)
        {
            byte[] content = AuditChain.Content(ratchet, sequence, 1, head.Span, new byte[AuditFormat.HashSize], RandomNumberGenerator.GetBytes(80));
            changed[index] = changed[index] with { Content = content };
            head = AuditChain.Head(chain, content);
        }

        return changed;
    }
}
