using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Certificates;
using Sam.Testing.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>What an OCSP responder says is believed when the issuer lets it speak, of this certificate, now (RFC 6960).</summary>
public sealed class OcspTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _now = RevocationBed.Now;
    private RevocationBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await RevocationBed.StartAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(RevocationStatus.Good)]
    [InlineData(RevocationStatus.Revoked)]
    [InlineData(RevocationStatus.Unknown)]
    public async Task The_issuers_word_is_taken(RevocationStatus status)
    {
        _bed.Responder.Serve("/ocsp", (_bed.Good with { Status = status }).To);
        RevocationAnswer answer = await _bed.AskAsync(_bed.Issue(ocsp: true));
        Assert.Equal(status == RevocationStatus.Unknown ? RevocationAnswer.None : new RevocationAnswer(status, _now.AddHours(1)), answer);
        Assert.Equal(["/ocsp"], _bed.Responder.Requests);
    }

    [Fact]
    public async Task A_responder_that_the_issuer_appointed_may_speak()
    {
        (byte[] certificate, Func<byte[], byte[]> sign) = _bed.Delegate(_bed.Issuer);
        Assert.Equal(RevocationStatus.Good, await _bed.JudgeAsync(_bed.Good with { Sign = sign, Certificates = [certificate] }));
        Assert.Equal(RevocationStatus.Revoked, await _bed.JudgeAsync(_bed.Good with { Status = RevocationStatus.Revoked, Sign = sign, Certificates = [certificate] }));
    }

    [Fact]
    public async Task Nobody_else_may()
    {
        using TestAuthority attacker = TestAuthority.Root(_now.AddYears(-1), "Issuer");
        (byte[] Certificate, Func<byte[], byte[]> Sign)[] pretenders =
        [
            (attacker.CertificateDer, attacker.Sign),
            _bed.Delegate(attacker),
            _bed.Delegate(_bed.Issuer, wish => wish with { Purposes = [] }),
            _bed.Delegate(_bed.Issuer, wish => wish with { Purposes = ["1.3.6.1.5.5.7.3.2"] }),
            _bed.Delegate(_bed.Issuer, wish => wish with { Purposes = ["2.5.29.37.0"] }),
            _bed.Delegate(_bed.Issuer, wish => wish with { KeyUsage = X509KeyUsageFlags.KeyEncipherment }),
            _bed.Delegate(_bed.Issuer, wish => wish with { NotAfter = _now.AddDays(-1).AddHours(1) }),
        ];
        foreach ((byte[] certificate, Func<byte[], byte[]> sign) in pretenders)
        {
            Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { Sign = sign, Certificates = [certificate] }));
        }

        // Appointed, but it does not show it; and the holder of the very certificate that was revoked.
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { Sign = _bed.Delegate(_bed.Issuer).Sign }));
        byte[] own = _bed.Issue();
        Assert.Equal(
            RevocationStatus.Unknown,
            await _bed.JudgeAsync(_bed.Good with { Sign = data => _bed.Key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence), Certificates = [own] }));
    }

    [Fact]
    public async Task A_forged_signature_is_no_word()
    {
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { Sign = _ => _bed.Issuer.Sign([1, 2, 3]) }));
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { Sign = _ => [] }));
    }

    [Fact]
    public async Task Changed_bytes_are_no_word()
    {
        byte[] certificate = _bed.Issue(ocsp: true);
        byte[] reply = [];
        _bed.Responder.Serve("/ocsp", question => reply = (_bed.Good with { Status = RevocationStatus.Revoked }).To(question));
        _ = await _bed.AskAsync(certificate);
        for (int position = 0; position < reply.Length; position += 7)
        {
            _bed.Responder.Serve("/ocsp", question =>
            {
                byte[] changed = (_bed.Good with { Status = RevocationStatus.Revoked }).To(question);
                changed[Math.Min(position, changed.Length - 1)] ^= 1;
                return changed;
            });

            // The answer's frame is not signed: what changes only there may still say what it said.
            Assert.NotEqual(RevocationStatus.Good, (await _bed.AskAsync(certificate)).Status);
        }
    }

    [Fact]
    public async Task An_answer_about_another_certificate_is_none_about_this()
    {
        byte[] others = [];
        _ = await _bed.JudgeAsync(_bed.Good with { About = asked => others = asked });
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { About = _ => others }));

        // The serial number is right, the issuer's name or key another.
        foreach (int fromTheEnd in new[] { 19, 41 })
        {
            Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with
            {
                About = asked =>
                {
                    byte[] changed = [.. asked];
                    changed[^fromTheEnd] ^= 1;
                    return changed;
                },
            }));
        }
    }

    [Fact]
    public async Task An_old_answer_shown_again_is_refused()
    {
        // It was said before the revocation, to somebody else: its nonce tells.
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { Nonce = _ => RandomNumberGenerator.GetBytes(32) }));
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { Nonce = asked => asked[..31] }));

        // Without a nonce its time does.
        OcspReply old = _bed.Good with { Nonce = _ => null };
        Assert.Equal(RevocationStatus.Good, await _bed.JudgeAsync(old, _now.AddHours(1).AddSeconds(-1)));
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(old, _now.AddHours(1)));
        OcspReply endless = old with { NextUpdate = null };
        Assert.Equal(RevocationStatus.Good, await _bed.JudgeAsync(endless, _now.AddSeconds(59)));
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(endless, _now.AddSeconds(60)));
    }

    [Fact]
    public async Task A_policy_may_insist_on_the_nonce()
    {
        await using RevocationBed strict = await RevocationBed.StartAsync(new CertificatePolicy { RequireOcspNonce = true });
        Assert.Equal(RevocationStatus.Unknown, await strict.JudgeAsync(strict.Good with { Nonce = _ => null }));
        Assert.Equal(RevocationStatus.Good, await strict.JudgeAsync(strict.Good));
    }

    [Fact]
    public async Task An_answer_of_the_future_is_refused()
    {
        Assert.Equal(RevocationStatus.Good, await _bed.JudgeAsync(_bed.Good with { ThisUpdate = _now.AddSeconds(60) }));
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { ThisUpdate = _now.AddSeconds(61) }));
    }

    [Fact]
    public async Task A_responder_that_says_try_later_said_nothing() =>
        Assert.Equal(RevocationStatus.Unknown, await _bed.JudgeAsync(_bed.Good with { ResponseStatus = 3 }));

    [Fact]
    public async Task Openssl_understands_the_question()
    {
        byte[] question = [];
        _bed.Responder.Serve("/ocsp", body => question = body);
        _ = await _bed.AskAsync(_bed.Issue(ocsp: true));
        (int exit, string output) = await OpenSsl.RunAsync(question, "ocsp", "-reqin", "/dev/stdin", "-req_text");
        Assert.True(exit == 0, output);
        Assert.Contains("Hash Algorithm: sha1", output, StringComparison.Ordinal);
        Assert.Contains("OCSP Nonce", output, StringComparison.Ordinal);
    }
}
