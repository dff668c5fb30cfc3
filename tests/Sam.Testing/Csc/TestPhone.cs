using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Core.Approvals;
using Sam.Core.Officers;
using Sam.Core.Values;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Testing.Csc;

/// <summary>A signer's own device, over HTTP.</summary>
/// <param name="http">The SAM.</param>
/// <param name="token">Its owner's access token.</param>
/// <param name="key">Its key.</param>
/// <param name="id">Its id.</param>
/// <param name="deployment">Where it is enrolled.</param>
public sealed class TestPhone(HttpClient http, string token, ECDsa key, DeviceId id, string deployment) : IDisposable
{
    private const string Approvals = "/sam/v1/me/approvals";

    /// <summary>The same device at another address of the SAM.</summary>
    public TestPhone At(HttpClient other) => new(other, token, key, id, deployment);

    /// <summary>What it is shown.</summary>
    public async Task<IReadOnlyList<PendingApproval>> ListAsync()
    {
        (int status, JsonElement answer) = await SendAsync(HttpMethod.Get, Approvals, body: null, isProved: true);
        Assert.Equal(200, status);
        return [.. answer.GetProperty("items").EnumerateArray().Select(Read)];
    }

    /// <summary>Tells the SAM a decision. Gives the status, and the code of a refusal.</summary>
    /// <param name="shown">Which approval.</param>
    /// <param name="pin">The PIN; null for none.</param>
    /// <param name="approves">Which way.</param>
    /// <param name="instead">What is signed, if it is something else.</param>
    public async Task<(int Status, string? Code)> DecideAsync(PendingApproval shown, string? pin, bool approves = true, PendingApproval? instead = null)
    {
        string body = JsonSerializer.Serialize(new
        {
            decision = approves ? "approve" : "refuse",
            device = id.Value,
            signature = DeviceSignature.Sign(key, ApprovalStatement.Of(approves, deployment, instead ?? shown)),
            pin,
        });
        (int status, JsonElement answer) = await SendAsync(HttpMethod.Post, $"{Approvals}/{shown.Id.Value}", body, isProved: false);
        return (status, status < 400 ? null : answer.GetProperty("code").GetString());
    }

    /// <summary>Its answer to a challenge that an application carries.</summary>
    public string Answer(string challenge, IReadOnlyList<byte[]> digests, string label)
    {
        DeviceChallenge read = DeviceChallenge.TryRead(challenge)!;
        _ = ApprovalId.TryParse(read.Id, out ApprovalId approval);
        _ = ClientId.TryParse(read.Client, out ClientId client);
        _ = CredentialId.TryParse(read.Credential, out CredentialId credential);
        PendingApproval shown = new(approval, client, credential, [.. digests.Select(Sha256)], label, NeedsPin: true, DateTimeOffset.FromUnixTimeSeconds(read.ExpiresAt));
        return DeviceChallenge.Answer(challenge, id, DeviceSignature.Sign(key, ApprovalStatement.Of(approves: true, deployment, shown)));
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <summary>A digest of the suite's.</summary>
    public static Digest Sha256(byte[] value) => Digest.TryCreate(HashAlgorithm.Sha256, value, out Digest? digest) ? digest : throw new ArgumentException("Not a SHA-256.", nameof(value));

    private static PendingApproval Read(JsonElement item)
    {
        string Text(string name) => item.GetProperty(name).GetString()!;
        Assert.True(
            ApprovalId.TryParse(Text("id"), out ApprovalId approval) & ClientId.TryParse(Text("client"), out ClientId client) & CredentialId.TryParse(Text("credentialID"), out CredentialId credential)
            & HashAlgorithm.TryFromOid(Text("hashAlgorithmOID"), out _));
        return new PendingApproval(
            approval,
            client,
            credential,
            [.. item.GetProperty("hashes").EnumerateArray().Select(hash => Sha256(hash.GetBytesFromBase64()))],
            Text("description"),
            item.GetProperty("needsPin").GetBoolean(),
            item.GetProperty("expiresAt").GetDateTimeOffset());
    }

    private async Task<(int Status, JsonElement Answer)> SendAsync(HttpMethod method, string target, string? body, bool isProved)
    {
        using HttpRequestMessage request = new(method, new Uri(target, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        if (isProved)
        {
            ProofClaims claims = new(
                deployment, method.Method, target, ProofClaims.HashOf(Encoding.ASCII.GetBytes(token)), ProofClaims.HashOf([]), ProofClaims.NewId(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
            request.Headers.Add("Sam-Proof", claims.Sign(key));
        }

        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
