using System.Text;
using System.Text.Json;
using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Audit;

public sealed class AuditSecretsTests
{
    private const int Window = 16;

    [Fact]
    [Trait("Requirement", "SIG-2c")]
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

        string audit = JsonSerializer.Serialize(new AuditBatch(bed.AuditRecords()), AuditJson.Default.AuditBatch);
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

    private static string Text(StoredRow row) => $"{row.Address} {row.ETag} {Encoding.Latin1.GetString(row.Content.Span)}";
}
