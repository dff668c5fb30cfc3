using System.Security.Cryptography;

namespace Sam.LocalHost.Development;

/// <summary>The development issuer's P-256 key: from a file, or this process's own.</summary>
internal static class DevelopmentIssuerKey
{
    private const int MaxTries = 100;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

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

    /// <summary>Of two hosts that start at once one makes the file, and the other reads it. (A rename in .NET looks before it moves, so both would have made it.)</summary>
    private static void Make(string file)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Private;
        }

        try
        {
            using StreamWriter writer = new(file, options);
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }
        catch (IOException) when (File.Exists(file))
        {
            // Somebody was first.
        }
    }

    /// <summary>The file's text; whoever has just made it may still be writing.</summary>
    private static string ReadText(string file)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                string text = File.ReadAllText(file);
                if (text.Length > 0 || tries == MaxTries)
                {
                    return text;
                }
            }
            catch (IOException) when (tries < MaxTries && File.Exists(file))
            {
                // Locked by its writer.
            }

            Thread.Sleep(_pause);
        }
    }

    private static byte[] Read(string file)
    {
        using ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(ReadText(file));
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
