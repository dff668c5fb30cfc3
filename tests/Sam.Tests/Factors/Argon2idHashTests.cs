using System.Text;
using Konscious.Security.Cryptography;
using Sam.Api.Factors;
using Sam.Core.Factors;
using Xunit;

namespace Sam.Tests.Factors;

public sealed class Argon2idHashTests
{
    private readonly Argon2idHash _hash = new();

    /// <summary>Vectors of the reference implementation (phc-winner-argon2, src/test.c, version 0x13).</summary>
    [Theory]
    [InlineData("password", "somesalt", 65536, 2, 1, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7")]
    [InlineData("password", "somesalt", 256, 2, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")]
    [InlineData("password", "somesalt", 256, 2, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037")]
    [InlineData("password", "somesalt", 65536, 1, 1, "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98")]
    [InlineData("password", "somesalt", 65536, 4, 1, "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c")]
    [InlineData("differentpassword", "somesalt", 65536, 2, 1, "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde")]
    [InlineData("password", "diffsalt", 65536, 2, 1, "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c")]
    public void The_reference_implementations_vectors_are_met(string password, string salt, int memory, int iterations, int lanes, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Derive(password, Encoding.ASCII.GetBytes(salt), new PasswordHashCost(memory, iterations, lanes))));

    /// <summary>RFC 9106 section 5.3. It uses a secret and associated data, which <see cref="Argon2idHash"/> does not: here the library itself is tested.</summary>
    [Fact]
    public void The_library_meets_the_vector_of_RFC_9106()
    {
        using Argon2id argon2 = new([.. Enumerable.Repeat((byte)1, 32)])
        {
            Salt = [.. Enumerable.Repeat((byte)2, 16)],
            KnownSecret = [.. Enumerable.Repeat((byte)3, 8)],
            AssociatedData = [.. Enumerable.Repeat((byte)4, 12)],
            MemorySize = 32,
            Iterations = 3,
            DegreeOfParallelism = 4,
        };
        Assert.Equal("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659", Convert.ToHexStringLower(argon2.GetBytes(32)));
    }

    [Fact]
    public void The_password_of_the_caller_is_left_as_it_is()
    {
        byte[] password = "0123456789abcdef"u8.ToArray();
        byte[] first = _hash.Derive(password, new byte[8], new PasswordHashCost(8, 1, 1));
        Assert.Equal("0123456789abcdef"u8.ToArray(), password);
        Assert.Equal(first, _hash.Derive(password, new byte[8], new PasswordHashCost(8, 1, 1)));
    }

    [Theory]
    [InlineData(7, 1, 1)]
    [InlineData(15, 1, 2)]
    [InlineData(8, 0, 1)]
    [InlineData(8, 1, 0)]
    [InlineData(8, 65, 1)]
    [InlineData(1_048_577, 1, 1)]
    [InlineData(1_048_576, 1, 17)]
    public void A_cost_out_of_its_bounds_is_an_error_of_the_caller(int memory, int iterations, int lanes) =>
        Assert.Throws<ArgumentException>(() => Derive("password", new byte[16], new PasswordHashCost(memory, iterations, lanes)));

    [Fact]
    public void A_salt_of_seven_bytes_is_too_short() =>
        Assert.Throws<ArgumentException>(() => Derive("password", new byte[7], new PasswordHashCost(8, 1, 1)));

    [Fact]
    public void An_empty_password_is_an_error_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => Derive(string.Empty, new byte[16], new PasswordHashCost(8, 1, 1)));

    private byte[] Derive(string password, byte[] salt, PasswordHashCost cost) => _hash.Derive(Encoding.ASCII.GetBytes(password), salt, cost);
}
