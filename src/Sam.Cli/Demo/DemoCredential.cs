namespace Sam.Cli.Demo;

/// <summary>A credential made, certified and confirmed.</summary>
/// <param name="CredentialId">Its credentialID.</param>
/// <param name="Certificate">The certificate of the demo CA, DER.</param>
internal sealed record DemoCredential(string CredentialId, byte[] Certificate);
