namespace Sam.Core.Certificates;

/// <summary>What an authority says of a certificate.</summary>
public enum RevocationStatus
{
    /// <summary>It was not revoked.</summary>
    Good,

    /// <summary>It was revoked, or is on hold.</summary>
    Revoked,

    /// <summary>There is no answer that can be believed.</summary>
    Unknown,
}
