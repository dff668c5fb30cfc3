namespace Sam.Cli.Audit;

/// <summary>One signature that the HSM says it made.</summary>
/// <param name="Key">By which key: its name, without pool and version.</param>
/// <param name="Time">When, by the HSM's clock.</param>
internal sealed record HsmUse(string Key, DateTimeOffset Time)
{
    /// <summary>A key's name as log and audit both have it: of <c>POOL/NAME/VERSION</c> and <c>NAME/VERSION</c> the name, which is random and no two keys have.</summary>
    internal static string NameOf(string reference) => reference.Split('/') is [.., string name, _] ? name : reference;
}
