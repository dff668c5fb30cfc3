using Sam.Core.Algorithms;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Values;

public sealed class DigestTests
{
    [Fact]
    public void A_digest_has_exactly_its_algorithms_length()
    {
        foreach (HashAlgorithm algorithm in HashAlgorithm.All)
        {
            int[] accepted = [.. Enumerable.Range(0, 130).Where(length => Digest.TryCreate(algorithm, new byte[length], out _))];
            Assert.Equal([algorithm.SizeInBytes], accepted);
        }
    }

    [Fact]
    [Trait("Requirement", "SIG-4")]
    public void A_digest_does_not_change_with_the_bytes_it_was_taken_from()
    {
        byte[] bytes = [.. Digests.Of("contract").Value];
        Assert.True(Digest.TryCreate(HashAlgorithm.Sha256, bytes, out Digest? digest));

        bytes[0] ^= 1;

        Assert.Equal(Digests.Of("contract"), digest);
    }

    [Fact]
    public void Digests_are_equal_by_algorithm_and_bytes()
    {
        Digest digest = Digests.Of("contract");
        Assert.True(digest.Equals((object)Digests.Of("contract")));
        Assert.Equal(digest.GetHashCode(), Digests.Of("contract").GetHashCode());
        Assert.NotEqual(digest, Digests.Of("Contract"));
        Assert.NotEqual(digest, Digests.Of(HashAlgorithm.Sha512, "contract"));
        Assert.False(digest.Equals(null));

        // The first four bytes are the hash code: digests that share them still differ.
        byte[] neighbour = [.. digest.Value];
        neighbour[^1] ^= 1;
        Assert.NotEqual(digest, Digest.TryCreate(HashAlgorithm.Sha256, neighbour, out Digest? other) ? other : digest);
    }
}
