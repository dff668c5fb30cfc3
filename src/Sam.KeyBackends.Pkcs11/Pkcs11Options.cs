using Sam.Core.Keys;

namespace Sam.KeyBackends.Pkcs11;

/// <summary>Where the token is and how the SAM may use it. <see cref="Pkcs11KeyBackend.OpenAsync"/> checks all of it.</summary>
public sealed class Pkcs11Options
{
    /// <summary>The path of the vendor's PKCS#11 library.</summary>
    public string ModulePath { get; set; } = "";

    /// <summary>CKA_LABEL of the one token to use. Slot numbers are not taken: SoftHSM and many HSMs assign them anew.</summary>
    public string TokenLabel { get; set; } = "";

    /// <summary>The path of a file that holds the user's PIN; blanks and line ends around it are dropped. It is read once, at start.</summary>
    public string PinFile { get; set; } = "";

    /// <summary>The most calls that are inside the HSM at one time, 1 to 256. Each has a session and a thread of its own.</summary>
    public int MaxSessions { get; set; } = 8;

    /// <summary>
    /// The longest that one operation may take, the wait for a session and all digests of a batch included. Below the ten seconds after which
    /// no signature is released any more.
    /// </summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>The same for making a key: primes for RSA-4096 may take a small HSM half a minute.</summary>
    public TimeSpan KeyGenerationTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks the settings and opens nothing: a host that opens later still refuses to start with wrong ones.</summary>
    /// <exception cref="KeyBackendException">A setting is missing or out of its range.</exception>
    public void Validate()
    {
        Require(ModulePath.Length > 0, $"{nameof(ModulePath)} is not set: the path of the PKCS#11 library.");
        Require(TokenLabel.Length > 0, $"{nameof(TokenLabel)} is not set: the label of the token.");
        Require(PinFile.Length > 0, $"{nameof(PinFile)} is not set: the path of a file that holds the PIN.");
        Require(MaxSessions is >= 1 and <= 256, $"{nameof(MaxSessions)} is {MaxSessions}; it must be 1 to 256.");
        Require(OperationTimeout > TimeSpan.Zero, $"{nameof(OperationTimeout)} must be positive.");
        Require(KeyGenerationTimeout > TimeSpan.Zero, $"{nameof(KeyGenerationTimeout)} must be positive.");
    }

    private static void Require(bool met, string message)
    {
        if (!met)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, message);
        }
    }
}
