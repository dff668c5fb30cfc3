namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>What a key is for. It is part of the key's name, so that no reference can be used for anything else.</summary>
internal enum KeyPurpose
{
    /// <summary>A signer's key.</summary>
    Sign,

    /// <summary>Wraps data keys.</summary>
    Wrap,

    /// <summary>Peppers verifiers of PINs.</summary>
    Mac,

    /// <summary>Decrypts what others encrypted to it.</summary>
    Decrypt,

    /// <summary>Takes keys in that others wrapped to it.</summary>
    Exchange,
}
