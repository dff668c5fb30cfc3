using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sam.Api.Csc;
using Sam.Core.Results;
using Xunit;

namespace Sam.Tests.Results;

/// <summary>Every cause has an answer, and answers tell strangers no more than they may know.</summary>
[Trait("Requirement", "SIG-3")]
public sealed class CscErrorRendererTests
{
    public static TheoryData<SamErrorCode> Codes => [.. Enum.GetValues<SamErrorCode>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_code_has_an_answer_that_does_not_name_it(SamErrorCode code)
    {
        (int status, string error, string? description) = CscErrorRenderer.Render(new Refusal(code, "hashes"));

        Assert.InRange(status, 400, 599);
        Assert.Matches("^[a-z_]+$", error);
        Assert.False(string.IsNullOrWhiteSpace(description));
        Assert.DoesNotContain(code.ToString(), description, StringComparison.Ordinal);
        Assert.All(
            new[] { "row", "HSM", "seal", "ETag", "table", "audit", "PIN", "forged" },
            word => Assert.DoesNotContain(word, description!.Split(' '), StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_code_without_a_line_is_noticed() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CscErrorRenderer.Render(new Refusal((SamErrorCode)int.MaxValue)));

    public static TheoryData<SamErrorCode[]> OneAnswer => new()
    {
        // Who may not act on a credential does not learn whether it exists.
        new[] { SamErrorCode.CredentialUnknown, SamErrorCode.ClientNotLinked, SamErrorCode.CredentialOfAnotherSigner },

        // Who hands in a SAD that is not good does not learn how near it was.
        new[]
        {
            SamErrorCode.SadMalformed, SamErrorCode.SadForged, SamErrorCode.SadSpent, SamErrorCode.SadOfAnotherClient, SamErrorCode.SadOfAnotherCredential,
            SamErrorCode.TransactionMissing, SamErrorCode.TransactionRowReplaced, SamErrorCode.CredentialChanged,
        },
        new[] { SamErrorCode.HashNotAuthorized, SamErrorCode.HashRepeated, SamErrorCode.TooManyHashes },
        new[] { SamErrorCode.PinWrong, SamErrorCode.AuthDataInvalid },

        // Whoever attacks the table or the HSM learns nothing of having been noticed.
        new[] { SamErrorCode.RowMissing, SamErrorCode.RowBroken, SamErrorCode.RowRolledBack, SamErrorCode.SignatureNotVerified, SamErrorCode.Unexpected },
        new[] { SamErrorCode.StorageUnavailable, SamErrorCode.HsmUnavailable, SamErrorCode.AuditUnavailable, SamErrorCode.Overloaded },
    };

    [Theory]
    [MemberData(nameof(OneAnswer))]
    public void Causes_that_must_not_be_told_apart_have_one_answer(SamErrorCode[] codes) =>
        Assert.Single(codes.Select(c => CscErrorRenderer.Render(new Refusal(c))).Distinct());

    [Theory]
    [InlineData(SamErrorCode.SadExpired, 400, """{"error":"invalid_request","error_description":"SAD expired"}""", null)]
    [InlineData(SamErrorCode.TokenExpired, 401, """{"error":"expired_token","error_description":"The access or refresh token is expired or has been revoked."}""", "WWW-Authenticate")]
    [InlineData(SamErrorCode.MethodNotImplemented, 501, """{"error":"invalid_request","error_description":"This method is not implemented"}""", null)]
    public async Task An_answer_is_the_error_object_of_the_CSC_API(SamErrorCode code, int status, string body, string? header)
    {
        DefaultHttpContext context = new();
        using MemoryStream written = new();
        context.Response.Body = written;

        await CscErrorRenderer.WriteAsync(context.Response, new Refusal(code));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.StartsWith("application/json", context.Response.ContentType, StringComparison.Ordinal);
        Assert.Equal(written.Length, context.Response.ContentLength);
        Assert.Equal(JsonDocument.Parse(body).RootElement.GetRawText(), JsonDocument.Parse(written.ToArray()).RootElement.GetRawText());
        Assert.Equal(header is not null, header is not null && context.Response.Headers.ContainsKey(header));
    }

    [Fact]
    public async Task An_overloaded_service_says_when_to_come_back()
    {
        DefaultHttpContext context = new();
        await CscErrorRenderer.WriteAsync(context.Response, SamErrorCode.Overloaded);
        Assert.Equal((503, "1"), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
    }
}
