namespace Sam.Core.Credentials;

/// <summary>Who keeps a credential suspended: it is resumed when nobody does any more.</summary>
[Flags]
internal enum Suspensions
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>Its signer.</summary>
    BySigner = 1,

    /// <summary>An officer.</summary>
    ByOfficer = 2,
}
