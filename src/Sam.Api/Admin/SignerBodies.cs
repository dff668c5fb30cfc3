using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>Reads what requests about signers and credentials carry.</summary>
internal static class SignerBodies
{
    internal static Result<SignerRegistration> ReadRegistration(JsonBody body)
    {
        if (body.RequiredString("userID").IsRefused(out Refusal? refusal, out string? userId)
            || body.RequiredString("issuer").IsRefused(out refusal, out string? issuer)
            || body.RequiredString("subject").IsRefused(out refusal, out string? subject)
            || body.RequiredString("proofing").IsRefused(out refusal, out string? proofing)
            || body.RequiredObject("identity", ReadIdentity).IsRefused(out refusal, out SubjectName? identity)
            || ReadClients(body).IsRefused(out refusal, out LinkedClients? clients))
        {
            return refusal;
        }

        return LoginName.TryCreate(issuer, subject, out LoginName? login)
            ? new SignerRegistration(userId, login, identity, proofing, clients)
            : new Refusal(SamErrorCode.ParameterInvalid, "subject");
    }

    internal static Result<LinkedClients> ReadClients(JsonBody body)
    {
        if (body.RequiredStrings("clients").IsRefused(out Refusal? refusal, out IReadOnlyList<string>? texts))
        {
            return refusal;
        }

        List<ClientId> clients = [];
        foreach (string text in texts)
        {
            if (!ClientId.TryParse(text, out ClientId client) || clients.Count >= LinkedClients.MaxIds)
            {
                return new Refusal(SamErrorCode.ParameterInvalid, "clients");
            }

            clients.Add(client);
        }

        return LinkedClients.Of(clients);
    }

    internal static Result<CredentialId> ReadCredential(SamRequest request) =>
        CredentialId.TryParse(request.Path("credential"), out CredentialId credential) ? credential : SamErrorCode.CredentialUnknown;

    internal static Result<CredentialRequest> ReadCredentialRequest(JsonBody body)
    {
        if (body.RequiredString("key").IsRefused(out Refusal? refusal, out string? key)
            || body.OptionalInteger("multisign").IsRefused(out refusal, out OptionalNumber multisign)
            || body.OptionalString("description").IsRefused(out refusal, out OptionalText description)
            || body.OptionalInteger("level").IsRefused(out refusal, out OptionalNumber level)
            || body.OptionalString("authorization").IsRefused(out refusal, out OptionalText factors))
        {
            return refusal;
        }

        KeyAuthorization? authorization = null;
        return !KeyAlgorithm.TryFromName(key, out KeyAlgorithm? algorithm) ? new Refusal(SamErrorCode.ParameterInvalid, "key")
            : factors.Value is not null && !KeyAuthorization.TryFromName(factors.Value, out authorization) ? new Refusal(SamErrorCode.ParameterInvalid, "authorization")
            : new CredentialRequest(algorithm, multisign.Value ?? 1, description.Value, level.Value ?? LevelPolicy.Lowest, authorization);
    }

    /// <summary>What a signer enrols: a PIN, a device, or both.</summary>
    internal static Result<NewFactors> ReadFactors(JsonBody body)
    {
        NewDevice? device = null;
        if (body.OptionalString("pin").IsRefused(out Refusal? refusal, out OptionalText pin)
            || body.OptionalBoolean("totp").IsRefused(out refusal, out bool totp)
            || (body.Has("device") && body.RequiredObject("device", ReadDevice).IsRefused(out refusal, out device)))
        {
            return refusal;
        }

        return pin.Value is null && device is null && !totp ? new Refusal(SamErrorCode.StringParameterMissing, "pin") : new NewFactors(pin.Value is null ? null : new SecretText(pin.Value), device, totp);
    }

    internal static Result<Decision> ReadDecision(SamRequest request)
    {
        if (!ApprovalId.TryParse(request.Path("approval"), out ApprovalId approval))
        {
            return SamErrorCode.ApprovalUnknown;
        }

        if (request.Body.RequiredString("decision").IsRefused(out Refusal? refusal, out string? decision)
            || request.Body.RequiredString("device").IsRefused(out refusal, out string? deviceText)
            || ReadBytes(request.Body, "signature").IsRefused(out refusal, out byte[]? signature)
            || request.Body.OptionalString("pin").IsRefused(out refusal, out OptionalText pin))
        {
            return refusal;
        }

        return decision is not ("approve" or "refuse") ? new Refusal(SamErrorCode.ParameterInvalid, "decision")
            : !DeviceId.TryParse(deviceText, out DeviceId device) ? new Refusal(SamErrorCode.ParameterInvalid, "device")
            : new Decision(approval, device, decision == "approve", signature, pin.Value is null ? null : new SecretText(pin.Value));
    }

    internal static Result<ImportDelivery> ReadDelivery(JsonBody body) =>
        body.RequiredString("challenge").IsRefused(out Refusal? refusal, out string? challenge)
        || ReadBytes(body, "blob").IsRefused(out refusal, out byte[]? blob)
        || ReadBytes(body, "publicKey").IsRefused(out refusal, out byte[]? publicKey)
        || ReadBytes(body, "possession").IsRefused(out refusal, out byte[]? possession)
            ? refusal
            : new ImportDelivery(new SecretText(challenge), blob, publicKey, possession);

    internal static Result<SignerId> ReadSigner(SamRequest request) =>
        SignerId.TryParse(request.Path("signer"), out SignerId signer) ? signer : SamErrorCode.SignerUnknown;

    internal static Result<CredentialAct> ReadAct(JsonBody body)
    {
        if (body.RequiredString("action").IsRefused(out Refusal? refusal, out string? text))
        {
            return refusal;
        }

        return Names.TryFromName(text, out CredentialAct act) ? act : new Refusal(SamErrorCode.ParameterInvalid, "action");
    }

    /// <summary>DER in base64, end entity first.</summary>
    internal static Result<IReadOnlyList<byte[]>> ReadCertificates(JsonBody body)
    {
        if (body.RequiredStrings("certificates").IsRefused(out Refusal? refusal, out IReadOnlyList<string>? texts))
        {
            return refusal;
        }

        List<byte[]> chain = [];
        foreach (string text in texts)
        {
            if (DecodeBase64(text) is not { } der)
            {
                return SamErrorCode.CertificateUnreadable;
            }

            chain.Add(der);
        }

        return chain;
    }

    private static Result<NewDevice> ReadDevice(JsonBody body) =>
        body.RequiredString("name").IsRefused(out Refusal? refusal, out string? name)
        || ReadBytes(body, "publicKey").IsRefused(out refusal, out byte[]? publicKey)
        || ReadBytes(body, "possession").IsRefused(out refusal, out byte[]? possession)
            ? refusal
            : new NewDevice(name, publicKey, possession);

    private static Result<byte[]> ReadBytes(JsonBody body, string name)
    {
        if (body.RequiredString(name).IsRefused(out Refusal? refusal, out string? text))
        {
            return refusal;
        }

        return DecodeBase64(text) is { } bytes ? bytes : new Refusal(SamErrorCode.ParameterInvalid, name);
    }

    private static byte[]? DecodeBase64(string text)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : null;
    }

    private static Result<SubjectName> ReadIdentity(JsonBody body)
    {
        if (body.RequiredString("commonName").IsRefused(out Refusal? refusal, out string? commonName)
            || body.OptionalString("givenName").IsRefused(out refusal, out OptionalText givenName)
            || body.OptionalString("surname").IsRefused(out refusal, out OptionalText surname)
            || body.OptionalString("serialNumber").IsRefused(out refusal, out OptionalText serialNumber)
            || body.OptionalString("organization").IsRefused(out refusal, out OptionalText organization)
            || body.OptionalString("organizationalUnit").IsRefused(out refusal, out OptionalText unit)
            || body.OptionalString("organizationIdentifier").IsRefused(out refusal, out OptionalText identifier)
            || body.OptionalString("country").IsRefused(out refusal, out OptionalText country)
            || body.OptionalString("email").IsRefused(out refusal, out OptionalText email))
        {
            return refusal;
        }

        return SubjectName.Create(
            commonName, givenName.Value, surname.Value, serialNumber.Value, organization.Value, unit.Value, identifier.Value, country.Value, email.Value);
    }
}
