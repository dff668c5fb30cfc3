using System.Security.Cryptography;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

/// <summary>
/// The CSC API over HTTP, with a real HSM and storage behind it. Every host runs this class as it is, so that what holds on Kestrel holds in a function.
/// The tests of one class run one after the other, and each class has a SAM of its own: the counter of refusals tells exactly what each test caused.
/// </summary>
[Trait("Requirement", "CSC-1")]
public abstract partial class CscSuite
{
    /// <summary>The SAM.</summary>
    protected abstract SamUnderTest Sam { get; }

    /// <summary>A fresh SHA-256 digest, or of another length.</summary>
    protected static byte[] NewDigest(int size = 32) => RandomNumberGenerator.GetBytes(size);

    /// <summary>Runs one call that is to be refused, and fails the test unless the counter rose by one, for this cause.</summary>
    protected async Task<CscReply> ExpectAsync(SamErrorCode cause, Func<Task<CscReply>> call)
    {
        IReadOnlyDictionary<string, long> before = await Sam.CountRefusalsAsync();
        CscReply reply = await call();
        IReadOnlyDictionary<string, long> after = await Sam.CountRefusalsAsync();
        string[] risen = [.. after.Where(c => c.Value != before.GetValueOrDefault(c.Key)).Select(c => $"{c.Key} +{c.Value - before.GetValueOrDefault(c.Key)}")];
        Assert.Equal([$"{cause} +1"], risen);
        return reply;
    }

    /// <summary>One call that is to be refused as a bad request, with this text.</summary>
    protected async Task ExpectBadAsync(SamErrorCode cause, string description, Func<Task<CscReply>> call) =>
        (await ExpectAsync(cause, call)).IsRefused(400, "invalid_request", description);
}
