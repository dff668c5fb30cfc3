using System.Globalization;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Sam.Core.Audit;

namespace Sam.Storage.Blobs;

/// <summary>
/// Heads as lines <c>CHAIN SEQUENCE HASH</c> in append blobs, one for each chain and day: <c>2026-01-31/CHAIN</c>. Where the container's policy is locked, lines are added and none is changed or
/// taken back, by nobody, before its time is over.
/// </summary>
public sealed class BlobHeadWitness : IHeadWitness
{
    private readonly BlobContainerClient _container;
    private readonly TimeProvider _time;
    private string? _made;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="container">The container, which is there already: the SAM has no right to make one.</param>
    /// <param name="time">Names the day.</param>
    public BlobHeadWitness(BlobContainerClient container, TimeProvider time)
    {
        _container = container;
        _time = time;
    }

    /// <summary>A container under the SAM's own identity.</summary>
    /// <param name="container">The container's address: https.</param>
    /// <param name="managedIdentityClientId">The user-assigned identity; null: what <see cref="DefaultAzureCredential"/> finds.</param>
    /// <param name="time">Names the day.</param>
    /// <exception cref="ArgumentException">The address is not https.</exception>
    public static BlobHeadWitness Open(Uri container, string? managedIdentityClientId, TimeProvider time)
    {
        if (container.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException("Audit:HeadsContainer must be https.", nameof(container));
        }

        TokenCredential identity = managedIdentityClientId is null ? new DefaultAzureCredential() : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(managedIdentityClientId));
        return new BlobHeadWitness(new BlobContainerClient(container, identity), time);
    }

    /// <inheritdoc/>
    public async Task KeepAsync(ChainHead head, CancellationToken cancellationToken)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-dd}/{head.ChainId}");
        AppendBlobClient blob = _container.GetAppendBlobClient(name);
        if (_made != name)
        {
            await MakeAsync(blob, cancellationToken);
            _made = name;
        }

        // Sent twice where an answer was lost: two equal lines say no more than one.
        using MemoryStream line = new(Encoding.ASCII.GetBytes(head.ToLine() + "\n"));
        _ = await blob.AppendBlockAsync(line, cancellationToken: cancellationToken);
    }

    /// <summary>Never over one that is there, which the container's policy would refuse anyway.</summary>
    private static async Task MakeAsync(AppendBlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            _ = await blob.CreateAsync(new AppendBlobCreateOptions { Conditions = new AppendBlobRequestConditions { IfNoneMatch = ETag.All } }, cancellationToken);
        }
        catch (RequestFailedException there) when (there.Status == 409)
        {
            // Made before, by this process or by a call whose answer was lost.
        }
    }
}
