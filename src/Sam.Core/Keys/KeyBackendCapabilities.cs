namespace Sam.Core.Keys;

/// <summary>Capabilities that depend on the HSM and not only on its backend.</summary>
[Flags]
public enum KeyBackendCapabilities
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary><see cref="IRandomBytes"/>.</summary>
    RandomBytes = 1,

    /// <summary><see cref="IKeyAttestation"/>.</summary>
    Attestation = 2,

    /// <summary><see cref="IKeyImport"/>.</summary>
    KeyImport = 4,
}
