namespace Sam.Core.Certificates;

/// <summary>For a host that can ask no authority: it knows nothing of any certificate, which a policy of hard failures does not accept.</summary>
internal sealed class NoRevocationSource : IRevocationSource
{
    public Task<RevocationAnswer> AskAsync(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> issuer, DateTimeOffset time, CancellationToken cancellationToken) =>
        Task.FromResult(RevocationAnswer.None);
}
