using Sam.Core.Algorithms;

namespace Sam.Cli.Demo;

/// <summary>A kind of key that the demo signs with, and how.</summary>
internal sealed record DemoKey(KeyAlgorithm Key, SignatureAlgorithm Algorithm, string Scheme)
{
    internal static IReadOnlyList<DemoKey> All { get; } =
    [
        new(KeyAlgorithm.Rsa3072, SignatureAlgorithm.RsaSha256, "RSASSA-PKCS1-v1_5 with SHA-256, modulus of 3072 bits"),
        new(KeyAlgorithm.P256, SignatureAlgorithm.EcdsaSha256, "ECDSA on P-256 with SHA-256"),
    ];
}
