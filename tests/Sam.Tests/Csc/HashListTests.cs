using System.Text;
using Sam.Api.Csc;
using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;
using Xunit;

namespace Sam.Tests.Csc;

public sealed class HashListTests
{
    /// <summary>The API's texts say "hash" although the parameter is "hashes" (clause 11.10).</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"hashes":null}""")]
    [InlineData("""{"hashes":"Zm9v"}""")]
    [InlineData("""{"hashes":{"0":"Zm9v"}}""")]
    [InlineData("""{"hashes":["Zm9v",1]}""")]
    [InlineData("""{"hashes":["Zm9v",null]}""")]
    [InlineData("""{"hashes":[["Zm9v"]]}""")]
    [InlineData("""{"hashes":["\ud800"]}""")]
    [InlineData("""{"hash":["Zm9v"]}""")]
    public void What_is_no_array_of_texts_is_missing(string json) => Assert.Equal(new Refusal(SamErrorCode.ArrayParameterMissing, "hash"), Read(json).Refusal);

    [Fact]
    public void An_empty_list_is_refused() => Assert.Equal(SamErrorCode.HashesEmpty, Read("""{"hashes":[]}""").Refusal?.Code);

    [Theory]
    [InlineData("""{"hashes":[""]}""")]
    [InlineData("""{"hashes":["Zm9v","Zh=="]}""")]
    [InlineData("""{"hashes":["Zm9v\n"]}""")]
    [InlineData("""{"hashes":["-_-_","Zm9v"]}""")]
    public void One_hash_in_another_spelling_refuses_the_list(string json) => Assert.Equal(SamErrorCode.HashNotBase64, Read(json).Refusal?.Code);

    [Fact]
    public void Values_keep_their_order_and_their_repetitions() =>
        Assert.Equal(["foo", "bar", "foo"], Read("""{"hashes":["Zm9v","YmFy","\u005am9v"]}""").Value.Select(Encoding.ASCII.GetString));

    [Theory]
    [InlineData("SHA-256", 32)]
    [InlineData("SHA-384", 48)]
    [InlineData("SHA-512", 64)]
    public void Each_value_has_its_algorithms_length(string name, int length)
    {
        HashAlgorithm algorithm = HashAlgorithm.All.Single(a => a.Name == name);
        for (int other = 0; other <= 65; other++)
        {
            Result<IReadOnlyList<Digest>> digests = HashList.ToDigests([new byte[length], new byte[other]], algorithm);
            if (other == length)
            {
                Assert.All(digests.Value, digest => Assert.Same(algorithm, digest.Algorithm));
                Assert.Equal(2, digests.Value.Count);
            }
            else
            {
                Assert.Equal(SamErrorCode.DigestLengthInvalid, digests.Refusal?.Code);
            }
        }
    }

    [Fact]
    public void Digests_keep_their_order()
    {
        byte[][] values = [.. Enumerable.Range(0, 100).Select(i => Enumerable.Repeat((byte)i, 32).ToArray())];
        Assert.Equal(values, HashList.ToDigests(values, HashAlgorithm.Sha256).Value.Select(d => d.Value.ToArray()));
    }

    private static Result<IReadOnlyList<byte[]>> Read(string json)
    {
        using JsonBody body = JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Value;
        return HashList.Read(body);
    }
}
