using System.Security.Cryptography;

namespace Sam.LocalHost.Development;

/// <summary>The development issuer's P-256 key: from a file, or this process's own.</summary>
internal static class DevelopmentIssuerKey
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <returns>The private key, PKCS#8.</returns>
    /// <exception cref="IOException">The file cannot be read or made, others than its owner may read it, or it holds no P-256 key.</exception>
    internal static byte[] Open(string? file)
    {
        if (file is not null)
        {
            return OpenFile(file);
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    private static byte[] OpenFile(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                Make(file);
            }

            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0
                ? throw new IOException($"Sam:Development:IssuerKeyFile, {file}: others may read or write it; only its owner may (chmod 600).")
                : Read(file);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"Sam:Development:IssuerKeyFile, {file}: {denied.Message}", denied);
        }
    }

    /// <summary>Of two hosts that start at once both make a key, and the file keeps one: it appears complete and under its name only if nobody was first.</summary>
    private static void Make(string file)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string draft = $"{file}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Private;
        }

        using (StreamWriter writer = new(draft, options))
        {
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }

        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }

    private static byte[] Read(string file)
    {
        using ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.KeySize == 256)
            {
                return key.ExportPkcs8PrivateKey();
            }
        }
        catch (Exception broken) when (broken is ArgumentException or CryptographicException)
        {
            // Said below. The exception's own text may quote the file.
        }

        throw new IOException($"Sam:Development:IssuerKeyFile, {file}: holds no P-256 private key in PEM.");
    }
}
