using System.Security.Cryptography;
using System.Text;

namespace Sam.Cli.Admin;

/// <summary>Somebody's own key in a file (a privileged user's, or that of a signer's device): PKCS#8 in PEM, under a passphrase if there is one, for its owner's eyes alone.</summary>
internal static class OfficerKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // What OWASP asks of PBKDF2 with HMAC-SHA-256.
    private const int Iterations = 600_000;

    /// <summary>Makes a key in a new file.</summary>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    internal static ECDsa Create(string path, Secret? passphrase)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            string pem = passphrase is null
                ? key.ExportPkcs8PrivateKeyPem()
                : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase.Reveal(), new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Iterations));
            Write(path, pem + "\n");
            return key;
        }
        catch
        {
            // Whatever it was: nobody else has the key to clear it.
            key.Dispose();
            throw;
        }
    }

    /// <summary>Writes a new file for its owner's eyes alone.</summary>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    internal static void Write(string path, string text)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using FileStream file = new(path, options);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads a key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Asked for if the key needs one.</param>
    /// <exception cref="CommandFailure">Others may read it, it holds no such key, or the passphrase is wrong.</exception>
    internal static ECDsa Open(string path, Func<Secret> passphrase)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            Read(path, key, passphrase);
            return key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? key
                : throw new CommandFailure($"The key in {path} is not on the curve P-256.");
        }
        catch
        {
            // Whatever it was: nobody else has the key to clear it.
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads a key of any kind into its algorithm.</summary>
    /// <exception cref="CommandFailure">Others may read the file, it holds no key of this algorithm, or the passphrase is wrong.</exception>
    internal static void Read(string path, AsymmetricAlgorithm key, Func<Secret> passphrase)
    {
        if (!File.Exists(path))
        {
            throw new CommandFailure($"There is no key file {path}.");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
        {
            throw new CommandFailure($"Others may read or change the key file {path}: chmod 600 is wanted, and a new key if somebody did.");
        }

        string pem = File.ReadAllText(path);
        try
        {
            if (pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
            {
                key.ImportFromEncryptedPem(pem, passphrase().Reveal());
            }
            else if (pem.Contains("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal))
            {
                key.ImportFromPem(pem);
            }
            else
            {
                throw new CommandFailure($"{path} is no private key in PKCS#8, PEM.");
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CommandFailure($"The key in {path} cannot be read, or its passphrase is another.", innerException: e);
        }
    }
}
