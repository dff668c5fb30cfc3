using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sam.Cli.Admin;

/// <summary>Certificates as authorities hand them out: PEM, one or several in a file, or DER.</summary>
internal static class CertificateFiles
{
    /// <summary>All certificates of some files in their order, DER.</summary>
    /// <exception cref="CommandFailure">A file holds none.</exception>
    internal static IReadOnlyList<byte[]> Read(IEnumerable<string> paths) => [.. paths.SelectMany(Read)];

    private static List<byte[]> Read(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        try
        {
            List<byte[]> found = ReadPem(Encoding.Latin1.GetString(content));
            if (found.Count == 0)
            {
                found.Add(content);
            }

            foreach (byte[] der in found)
            {
                using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            }

            return found;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new CommandFailure($"{path} holds no certificate, in PEM or DER.", innerException: e);
        }
    }

    private static List<byte[]> ReadPem(string text)
    {
        List<byte[]> found = [];
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label] is "CERTIFICATE")
            {
                found.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }

            rest = rest[fields.Location.End..];
        }

        return found;
    }
}
