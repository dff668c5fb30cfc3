using System.Globalization;
using Sam.Core.Activation;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Values;

public sealed class SecretTextTests
{
    private const string Secret = "correct horse battery staple";

    [Fact]
    [Trait("Requirement", "SIG-2c")]
    public void No_request_or_answer_prints_its_secret()
    {
        SecretText secret = new(Secret);
        Caller caller = new(SamTestBed.Id("sca"), Login: null);
        CredentialId credential = CredentialId.New(SignerId.New());
        object[] printed =
        [
            secret,
            new AuthorizeRequest(caller, credential, 1, Digests.Some(1), secret),
            new SignHashRequest(caller, credential, secret, Digests.Some(1), Core.Algorithms.SignatureAlgorithm.EcdsaSha256),
            new IssuedSad(secret, TimeSpan.FromSeconds(1)),
        ];

        Assert.All(printed, p => Assert.DoesNotContain("horse", string.Create(CultureInfo.InvariantCulture, $"{p}"), StringComparison.Ordinal));
        Assert.All(printed, p => Assert.Contains("(redacted)", p.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_secret_is_there_for_who_asks_for_it()
    {
        SecretText secret = new("pïn");
        Assert.Equal("pïn", secret.Reveal());
        Assert.Equal(3, secret.Length);
        Assert.Equal("pïn"u8.ToArray(), secret.RevealUtf8());
    }
}
