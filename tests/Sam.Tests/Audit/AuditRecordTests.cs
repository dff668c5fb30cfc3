using System.Text;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Audit;

public sealed class AuditRecordTests
{
    private const int Window = 16;

    [Fact]
    [Trait("Requirement", "SIG-2c")]
    [Trait("Requirement", "REG-2")]
    public async Task No_SAD_and_no_PIN_stands_in_any_record_or_row()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some(2);
        SecretText wrong = SamTestBed.NewPin();
        _ = await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, digests) with { Pin = wrong }, CancellationToken.None);
        SecretText sad = await bed.AuthorizeAsync(signer, digests);
        SecretText unused = await bed.AuthorizeAsync(signer, digests);
        _ = await bed.SignAsync(signer, sad, digests);
        _ = await bed.SignAsync(signer, sad, digests);
        _ = await bed.SignAsync(signer, new SecretText(unused.Reveal() + "A"), digests);

        string audit = System.Text.Encoding.UTF8.GetString(AuditBatch.Of(bed.AuditRecords()).ToJson());
        string rows = string.Join('\n', bed.Table.Attacker.Rows().Concat(bed.AuditTable.Attacker.Rows()).Select(Text));
        Assert.Contains(signer.Credential.Value, audit, StringComparison.Ordinal);
        foreach (string secret in new[] { signer.Pin, wrong, sad, unused }.Select(s => s.Reveal()))
        {
            for (int at = 0; at + Window <= secret.Length; at++)
            {
                Assert.DoesNotContain(secret.Substring(at, Window), audit, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(secret.Substring(at, Window), rows, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Requests_that_name_more_than_anybody_may_sign_are_audited_all_the_same()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some(6_000, HashAlgorithm.Sha512);
        SecretText sad = await bed.AuthorizeAsync(signer, Digests.Some(1));
        int before = bed.AuditRecords().Count;

        // A handful at once: together they are many times what a row holds.
        SamErrorCode?[] causes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => i % 2 == 0
            ? (await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, digests), CancellationToken.None)).Refusal?.Code
            : (await bed.Sam.SignHashAsync(bed.SigningOf(signer, sad, Digests.Some(1)) with { Digests = digests }, CancellationToken.None)).Refusal?.Code)));

        Assert.Equal(
            [SamErrorCode.NumSignaturesTooHigh, SamErrorCode.HashAlgorithmInvalid], causes.Distinct().Select(c => c ?? default).OrderByDescending(c => c == SamErrorCode.NumSignaturesTooHigh));
        AuditRecord[] records = [.. bed.AuditRecords().Skip(before)];
        Assert.Equal(8, records.Length);
        Assert.All(records, r => Assert.Equal(digests.Take(10).Select(d => Convert.ToHexStringLower(d.Value)), r.Digests));
        Assert.All(records, r => Assert.Equal(6_000, r.DigestCount));
        Assert.Single((await bed.SignAsync(signer, sad, Digests.Some(1))).Value);
    }

    private static string Text(StoredRow row) => $"{row.Address} {row.ETag} {Encoding.Latin1.GetString(row.Content.Span)}";
}
