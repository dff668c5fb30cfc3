using CsCheck;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>security decision 1: any non-empty part of what was authorized, each digest no more often than it was authorized.</summary>
[Trait("Requirement", "SIG-1")]
public sealed class DigestMultisetTests
{
    [Fact]
    public void A_part_is_accepted_and_nothing_else()
    {
        // Few letters, so that repetitions and strangers are as frequent as good ones.
        Digest[] letters = Digests.Some(4);
        Gen.Select(Gen.Int[0, 2].Array[1, 5], Gen.Int[0, 3].Array[0, 6]).Sample((authorized, named) =>
        {
            SamErrorCode? found = DigestMultiset.FindExcess(Transaction([.. authorized.Select(a => letters[a])]), [.. named.Select(n => letters[n])]);
            bool isPart = named.Length > 0 && named.All(n => named.Count(x => x == n) <= authorized.Count(x => x == n));
            return found is null == isPart;
        });
    }

    [Fact]
    public void Every_part_of_an_authorization_can_be_signed()
    {
        Digest[] digests = Digests.Some(4);
        Assert.All(
            Enumerable.Range(1, 15).Select(mask => digests.Where((_, i) => (mask & (1 << i)) != 0).ToArray()),
            part => Assert.Null(DigestMultiset.FindExcess(Transaction(digests), part)));
    }

    [Fact]
    public void Each_excess_has_its_own_cause()
    {
        Digest[] d = Digests.Some(4);
        TransactionRow twice = Transaction(d[0], d[0], d[1]);

        Assert.Null(DigestMultiset.FindExcess(twice, [d[0], d[1], d[0]]));
        Assert.Equal(SamErrorCode.HashesEmpty, DigestMultiset.FindExcess(twice, []));
        Assert.Equal(SamErrorCode.HashRepeated, DigestMultiset.FindExcess(twice, [d[0], d[0], d[0]]));
        Assert.Equal(SamErrorCode.HashRepeated, DigestMultiset.FindExcess(twice, [d[1], d[1]]));
        Assert.Equal(SamErrorCode.HashNotAuthorized, DigestMultiset.FindExcess(twice, [d[2]]));
        Assert.Equal(SamErrorCode.HashNotAuthorized, DigestMultiset.FindExcess(twice, [d[0], d[1], d[2]]));
        Assert.Equal(SamErrorCode.TooManyHashes, DigestMultiset.FindExcess(twice, [d[0], d[0], d[1], d[2]]));
        Assert.Equal(SamErrorCode.HashAlgorithmInvalid, DigestMultiset.FindExcess(twice, Digests.Some(1, HashAlgorithm.Sha512)));
        Assert.Equal(SamErrorCode.HashAlgorithmInvalid, DigestMultiset.FindExcess(twice with { HashAlgorithm = "1.3.14.3.2.26" }, [d[0]]));
    }

    [Fact]
    public void Half_of_a_longer_digest_is_not_a_shorter_one()
    {
        // A row of SHA-512 digests must not be taken for twice as many of SHA-256.
        Digest long_one = Digests.Of(HashAlgorithm.Sha512, "contract");
        Assert.True(Digest.TryCreate(HashAlgorithm.Sha256, long_one.Value[..32], out Digest? half));
        Assert.Equal(SamErrorCode.HashAlgorithmInvalid, DigestMultiset.FindExcess(Transaction(long_one), [half]));
    }

    [Fact]
    public void Neither_list_is_touched_and_order_counts_for_the_hash()
    {
        Digest[] d = Digests.Some(3);
        List<Digest> named = [d[2], d[0], d[1]];
        Assert.Null(DigestMultiset.FindExcess(Transaction(d), named));
        Assert.Equal([d[2], d[0], d[1]], named);
        Assert.NotEqual(DigestMultiset.HashOf(d), DigestMultiset.HashOf(named));
    }

    private static TransactionRow Transaction(params Digest[] digests) => TransactionRow.Begin(
        new AuthorizeRequest(new Caller(SamTestBed.Id("sca"), Login: null), CredentialId.New(SignerId.New()), digests.Length, digests, Pin: null),
        new RowETag("etag"),
        DateTimeOffset.UnixEpoch,
        DateTimeOffset.UnixEpoch);
}
