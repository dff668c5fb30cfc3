using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Sam.LocalHost.Development;

/// <summary>The development issuer's P-256 key: from a file, or this process's own.</summary>
internal static class DevelopmentIssuerKey
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <exception cref="IOException">The file cannot be read or made, others than its owner may read it, or it holds no P-256 key.</exception>
    internal static ECDsaSecurityKey Open(string? file)
    {
        ECDsa key = file is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : OpenFile(file);
        ECDsaSecurityKey named = new(key);
        named.KeyId = Base64UrlEncoder.Encode(named.ComputeJwkThumbprint());
        return named;
    }

    private static ECDsa OpenFile(string file)
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
        string draft = $"{file}.{Guid.NewGuid():n}";
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

    private static ECDsa Read(string file)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.KeySize == 256)
            {
                return key;
            }
        }
        catch (Exception broken) when (broken is ArgumentException or CryptographicException)
        {
            // Said below. The exception's own text may quote the file.
        }

        key.Dispose();
        throw new IOException($"Sam:Development:IssuerKeyFile, {file}: holds no P-256 private key in PEM.");
    }
}
