using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;
using Sam.Core.Certificates;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Testing.InMemory;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>A certification request is for the key in the HSM and for the person who was registered (REG-4, CSR-2).</summary>
[Trait("Requirement", "CSR-2")]
[Trait("Requirement", "REG-4")]
public sealed class SigningRequestTests : IAsyncDisposable
{
    private static readonly SubjectName _eve = SubjectName.Create("Eve Example", "Eve", "Example", "PASJP-1", country: "JP", email: "eve@example.com").Value;
    private readonly SoftwareKeyBackend _backend = new();

    public static TheoryData<string> Algorithms() => [.. KeyAlgorithm.All.Where(a => a != KeyAlgorithm.Rsa4096).Select(a => a.Name)];

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task It_says_who_was_registered_and_is_signed_by_the_key(string name)
    {
        SigningKey key = await GenerateAsync(name);
        byte[] der = await CreateAsync(_eve, key);

        RequestComparison comparison = SigningRequestContent.Read(der)!.CompareWith(_eve, key.SubjectPublicKeyInfo.Span);
        Assert.Equal((true, true, true, true), (comparison.SubjectMatches, comparison.KeyMatches, comparison.SignatureVerifies, comparison.IsAsRegistered));
        Assert.Equal(_eve.Attributes, comparison.Registered);
        Assert.Equal(_eve.Attributes, comparison.InRequest);
        Assert.Equal(1, _backend.SignCount);
    }

    [Fact]
    public async Task Openssl_finds_it_in_order()
    {
        foreach (string name in new[] { "rsa2048", "p384" })
        {
            byte[] der = await CreateAsync(_eve, await GenerateAsync(name));
            (int exit, string output) = await OpenSsl.RunAsync(der, "req", "-inform", "DER", "-verify", "-noout", "-text", "-nameopt", "RFC2253,utf8");
            Assert.True(exit == 0, output);
            Assert.Contains("verify OK", output, StringComparison.Ordinal);
            Assert.Contains("Subject: CN=Eve Example,serialNumber=PASJP-1,GN=Eve,SN=Example,C=JP", output, StringComparison.Ordinal);
            Assert.Contains("email:eve@example.com", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    public async Task A_request_changed_in_any_byte_is_noticed()
    {
        SigningKey key = await GenerateAsync("p256");
        byte[] der = await CreateAsync(_eve, key);
        for (int i = 0; i < der.Length; i++)
        {
            byte[] changed = [.. der];
            changed[i] ^= 1;
            Assert.False(SigningRequestContent.Read(changed)?.CompareWith(_eve, key.SubjectPublicKeyInfo.Span).IsAsRegistered ?? false, $"byte {i}");
        }

        Assert.Null(SigningRequestContent.Read([.. der, 0]));
        Assert.Null(SigningRequestContent.Read(der.AsSpan(0, der.Length - 1)));
        Assert.Null(SigningRequestContent.Read([]));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    [Trait("Requirement", "T-REG-2")]
    public async Task An_exchanged_request_is_for_another_key()
    {
        SigningKey key = await GenerateAsync("p256");
        byte[] exchanged = await CreateAsync(_eve, await GenerateAsync("p256"));

        RequestComparison comparison = SigningRequestContent.Read(exchanged)!.CompareWith(_eve, key.SubjectPublicKeyInfo.Span);
        Assert.Equal((true, false, true, false), (comparison.SubjectMatches, comparison.KeyMatches, comparison.SignatureVerifies, comparison.IsAsRegistered));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-2")]
    public async Task A_request_under_a_false_name_shows_it()
    {
        SigningKey key = await GenerateAsync("p256");
        byte[] asAlice = await CreateAsync(SubjectName.Create("Alice", organization: "Bank", email: "alice@example.com").Value, key);

        RequestComparison comparison = SigningRequestContent.Read(asAlice)!.CompareWith(_eve, key.SubjectPublicKeyInfo.Span);
        Assert.Equal((false, true, true, false), (comparison.SubjectMatches, comparison.KeyMatches, comparison.SignatureVerifies, comparison.IsAsRegistered));
        Assert.Equal([new NamePart("organization", "Bank"), new NamePart("commonName", "Alice"), new NamePart("email", "alice@example.com")], comparison.InRequest);
    }

    [Fact]
    [Trait("Requirement", "T-CSR-2")]
    public void A_name_hidden_in_an_extension_is_seen()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Eve", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddUserPrincipalName("alice@example.com");
        request.CertificateExtensions.Add(names.Build());

        RequestComparison comparison = SigningRequestContent.Read(request.CreateSigningRequest())!.CompareWith(SubjectName.Create("Eve").Value, key.ExportSubjectPublicKeyInfo());
        Assert.False(comparison.SubjectMatches);
        Assert.Equal(["commonName", "2.5.29.17"], comparison.InRequest.Select(p => p.Name));
    }

    [Fact]
    public async Task A_request_that_the_named_key_did_not_sign_does_not_verify()
    {
        // The public key is taken over from another's certificate: its private half is not there to sign.
        SigningKey key = await GenerateAsync("p256");
        SigningKey others = await GenerateAsync("p256");
        Result<byte[]> result = await SigningRequest.CreateAsync(_eve, key with { SubjectPublicKeyInfo = others.SubjectPublicKeyInfo }, new KeyBackendGuard(_backend), CancellationToken.None);
        Assert.Equal(SamErrorCode.SignatureNotVerified, result.Refusal?.Code);

        using ECDsa mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(_eve.ToDistinguishedName(), PublicKey.CreateFromSubjectPublicKeyInfo(others.SubjectPublicKeyInfo.Span, out _), HashAlgorithmName.SHA256);
        SigningRequestContent content = SigningRequestContent.Read(request.CreateSigningRequest(X509SignatureGenerator.CreateForECDsa(mine)))!;
        Assert.False(content.SignatureVerifies);
        Assert.Equal(others.SubjectPublicKeyInfo.ToArray(), content.SubjectPublicKeyInfo.ToArray());
    }

    [Fact]
    public async Task The_HSM_being_away_is_told()
    {
        SigningKey key = await GenerateAsync("p256");
        await _backend.DestroyKeyAsync(key.Reference, CancellationToken.None);
        await Assert.ThrowsAsync<KeyBackendException>(() => SigningRequest.CreateAsync(_eve, key, new KeyBackendGuard(_backend), CancellationToken.None));
    }

    private Task<SigningKey> GenerateAsync(string name)
    {
        Assert.True(KeyAlgorithm.TryFromName(name, out KeyAlgorithm? algorithm));
        return _backend.GenerateKeyAsync(KeyName.New(), algorithm, CancellationToken.None);
    }

    private async Task<byte[]> CreateAsync(SubjectName subject, SigningKey key) =>
        (await SigningRequest.CreateAsync(subject, key, new KeyBackendGuard(_backend), CancellationToken.None)).Value;
}
