using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Certificates;
using Sam.Core.Results;
using Sam.Testing.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>A revoked certificate signs no more, within the time that an answer is kept; and authorities are asked no oftener than that.</summary>
public sealed class RevocationCheckTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TestAuthority _root = TestAuthority.Root(_now.AddYears(-1));
    private readonly TestAuthority _issuer;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[][] _chain;
    private readonly StandInSource _source = new();

    public RevocationCheckTests()
    {
        _issuer = _root.Below(_now.AddYears(-1));
        _chain = [_issuer.Issue(new CertificateWish(_key.ExportSubjectPublicKeyInfo(), new X500DistinguishedName("CN=Eve"), _now.AddDays(-1), _now.AddYears(1))), _issuer.CertificateDer];
    }

    public void Dispose()
    {
        _root.Dispose();
        _issuer.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData(RevocationMode.None, RevocationStatus.Revoked, null)]
    [InlineData(RevocationMode.SoftFail, RevocationStatus.Good, null)]
    [InlineData(RevocationMode.SoftFail, RevocationStatus.Unknown, null)]
    [InlineData(RevocationMode.SoftFail, RevocationStatus.Revoked, SamErrorCode.CertificateRevoked)]
    [InlineData(RevocationMode.HardFail, RevocationStatus.Good, null)]
    [InlineData(RevocationMode.HardFail, RevocationStatus.Unknown, SamErrorCode.RevocationUnknown)]
    [InlineData(RevocationMode.HardFail, RevocationStatus.Revoked, SamErrorCode.CertificateRevoked)]
    public async Task The_policy_decides_what_no_answer_means(RevocationMode mode, RevocationStatus status, SamErrorCode? expected)
    {
        _source.Answer = new RevocationAnswer(status, null);
        Assert.Equal(expected, await AskAsync(New(mode), _now));
        Assert.Equal(mode == RevocationMode.None ? 0 : 2, _source.Asked.Count);
    }

    [Fact]
    public async Task Every_certificate_below_the_anchor_is_asked_about_with_its_own_issuer()
    {
        await AskAsync(New(RevocationMode.HardFail), _now);
        Assert.Equal(
            new[] { (Hex(_chain[0]), Hex(_issuer.CertificateDer)), (Hex(_issuer.CertificateDer), Hex(_root.CertificateDer)) }.Order(),
            _source.Asked.Order());
        _source.RevokedOnly = Hex(_issuer.CertificateDer);
        Assert.Equal(SamErrorCode.CertificateRevoked, await AskAsync(New(RevocationMode.SoftFail), _now));
    }

    [Fact]
    public async Task The_addresses_of_a_certificate_that_no_anchor_vouches_for_are_never_asked()
    {
        using TestAuthority attacker = TestAuthority.Root(_now.AddYears(-1));
        byte[] forged = attacker.Issue(new CertificateWish(_key.ExportSubjectPublicKeyInfo(), new X500DistinguishedName("CN=Eve"), _now.AddDays(-1), _now.AddYears(1)));
        Assert.Equal(SamErrorCode.CertificateNotTrusted, await New(RevocationMode.SoftFail).FindObstacleAsync([forged, attacker.CertificateDer], _now, CancellationToken.None));
        Assert.Empty(_source.Asked);
    }

    [Fact]
    public async Task An_answer_is_kept_for_its_time_and_no_longer()
    {
        RevocationCheck check = New(RevocationMode.HardFail);
        Assert.Null(await AskAsync(check, _now));
        _source.Answer = new RevocationAnswer(RevocationStatus.Revoked, null);
        Assert.Null(await AskAsync(check, _now.AddMinutes(5).AddTicks(-1)));
        Assert.Equal(2, _source.Asked.Count);
        Assert.Equal(SamErrorCode.CertificateRevoked, await AskAsync(check, _now.AddMinutes(5)));
    }

    [Fact]
    public async Task No_answer_is_kept_past_its_own_end()
    {
        RevocationCheck check = New(RevocationMode.HardFail);
        _source.Answer = new RevocationAnswer(RevocationStatus.Good, _now.AddSeconds(20));
        Assert.Null(await AskAsync(check, _now));
        _source.Answer = new RevocationAnswer(RevocationStatus.Revoked, null);
        Assert.Null(await AskAsync(check, _now.AddSeconds(19)));
        Assert.Equal(SamErrorCode.CertificateRevoked, await AskAsync(check, _now.AddSeconds(20)));
    }

    [Fact]
    public async Task An_authority_that_is_back_is_asked_again_soon()
    {
        RevocationCheck check = New(RevocationMode.HardFail);
        _source.Answer = RevocationAnswer.None;
        Assert.Equal(SamErrorCode.RevocationUnknown, await AskAsync(check, _now));
        _source.Answer = new RevocationAnswer(RevocationStatus.Good, null);
        Assert.Equal(SamErrorCode.RevocationUnknown, await AskAsync(check, _now + RevocationCheck.UnknownTime - TimeSpan.FromTicks(1)));
        Assert.Null(await AskAsync(check, _now + RevocationCheck.UnknownTime));
    }

    [Fact]
    public async Task Keeping_the_answers_away_undoes_no_revocation_that_was_seen()
    {
        RevocationCheck check = New(RevocationMode.SoftFail);
        _source.Answer = new RevocationAnswer(RevocationStatus.Revoked, null);
        Assert.Equal(SamErrorCode.CertificateRevoked, await AskAsync(check, _now));
        _source.Answer = RevocationAnswer.None;
        Assert.Equal(SamErrorCode.CertificateRevoked, await AskAsync(check, _now.AddHours(1)));
        Assert.Equal(SamErrorCode.CertificateRevoked, await AskAsync(check, _now.AddHours(2)));

        // A hold that the authority itself lifts is lifted.
        _source.Answer = new RevocationAnswer(RevocationStatus.Good, null);
        Assert.Null(await AskAsync(check, _now.AddHours(3)));
    }

    [Fact]
    public async Task However_many_wait_one_question_is_asked()
    {
        RevocationCheck check = New(RevocationMode.HardFail);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Gate = gate.Task;
        Task<SamErrorCode?>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => AskAsync(check, _now))];
        using CancellationTokenSource hangUp = new();
        Task<SamErrorCode?> impatient = check.FindObstacleAsync(_chain, _now, hangUp.Token);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.SetResult();
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
        Assert.Equal(2, _source.Asked.Count);
    }

    [Fact]
    public async Task A_source_that_breaks_is_asked_again()
    {
        RevocationCheck check = New(RevocationMode.HardFail);
        _source.Failure = new InvalidOperationException("broken");
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(check, _now));
        _source.Failure = null;
        Assert.Null(await AskAsync(check, _now));
    }

    private static string Hex(ReadOnlyMemory<byte> der) => Convert.ToHexStringLower(SHA256.HashData(der.Span));

    private RevocationCheck New(RevocationMode mode) => new(new CertificatePolicy { TrustAnchors = _root.CertificatePem, Revocation = mode }, _source);

    private Task<SamErrorCode?> AskAsync(RevocationCheck check, DateTimeOffset time) => check.FindObstacleAsync(_chain, time, CancellationToken.None);

    private sealed class StandInSource : IRevocationSource
    {
        private readonly ConcurrentQueue<(string Certificate, string Issuer)> _asked = new();

        internal IReadOnlyList<(string Certificate, string Issuer)> Asked => [.. _asked];

        internal RevocationAnswer Answer { get; set; } = new(RevocationStatus.Good, null);

        internal string? RevokedOnly { get; set; }

        internal Task Gate { get; set; } = Task.CompletedTask;

        internal Exception? Failure { get; set; }

        public async Task<RevocationAnswer> AskAsync(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> issuer, DateTimeOffset time, CancellationToken cancellationToken)
        {
            _asked.Enqueue((Hex(certificate), Hex(issuer)));
            await Gate;
            return Failure is { } failure ? throw failure
                : RevokedOnly is { } only ? new RevocationAnswer(only == Hex(certificate) ? RevocationStatus.Revoked : RevocationStatus.Good, null)
                : Answer;
        }
    }
}
