using System.Security.Cryptography;
using Sam.Core.Values;

namespace Sam.Cli.Admin;

/// <summary>A signer's device in a file: lines that say what it is, then its key as <see cref="OfficerKeyFile"/> keeps one. Text before PEM is allowed (RFC 7468), so that openssl reads the key, too.</summary>
internal sealed class DeviceFile : IDisposable
{
    private DeviceFile(DeviceId id, string signer, string deployment, ECDsa key)
    {
        Id = id;
        Signer = signer;
        Deployment = deployment;
        Key = key;
    }

    internal DeviceId Id { get; }

    internal string Signer { get; }

    /// <summary>Where it was enrolled, and what it signs for: not what an answer says.</summary>
    internal string Deployment { get; }

    internal ECDsa Key { get; }

    public void Dispose() => Key.Dispose();

    /// <summary>Makes a device of a file that holds its key.</summary>
    internal static void Enrolled(string path, DeviceRecord device, string signer, string deployment)
    {
        string text = $"device: {device.Id}\nsigner: {signer}\ndeployment: {deployment}\n{File.ReadAllText(path)}";

        // Whole, or as it was: there is no second copy of the key.
        string next = path + ".new";
        OfficerKeyFile.Write(next, text);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Reads a device.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Asked for if the key needs one.</param>
    /// <exception cref="CommandFailure">It is no device's, others may read it, or the passphrase is wrong.</exception>
    internal static DeviceFile Open(string path, Func<Secret> passphrase)
    {
        ECDsa key = OfficerKeyFile.Open(path, passphrase);
        Dictionary<string, string> said = File.ReadLines(path).TakeWhile(line => !line.StartsWith("-----", StringComparison.Ordinal))
            .Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2).DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        if (DeviceId.TryParse(said.GetValueOrDefault("device"), out DeviceId id) && said.TryGetValue("signer", out string? signer) && said.TryGetValue("deployment", out string? deployment))
        {
            return new DeviceFile(id, signer, deployment, key);
        }

        key.Dispose();
        throw new CommandFailure($"{path} holds a key, and does not say of which device.");
    }
}
