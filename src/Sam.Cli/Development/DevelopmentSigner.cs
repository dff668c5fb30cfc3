using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Cli.Http;
using Sam.Core.Approvals;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Cli.Development;

/// <summary>A signer of a development deployment, made as every signer is: the registration officer registers them and their keys, they set their PIN and confirm under their own login.</summary>
internal sealed class DevelopmentSigner
{
    // Enough for a batch of documents; who wants another number says so.
    private const int DefaultMultisign = 256;

    private const int LongestCommonName = 64;

    // Whoever does the same for the same signer at the same time is in the way once or twice.
    private const int MaxTries = 10;

    private readonly DevelopmentOffice _office;
    private readonly AdminClient _self;
    private readonly SignerRecord _record;
    private readonly Secret _pin;

    private DevelopmentSigner(DevelopmentOffice office, AdminClient self, SignerRecord record, Secret pin)
    {
        _office = office;
        _self = self;
        _record = record;
        _pin = pin;
    }

    /// <summary>The name that applications use.</summary>
    internal string UserId => _record.UserID;

    /// <summary>Registers a signer, or finds the one of this name. Their PIN stays what it is until <see cref="EnrolAsync"/>.</summary>
    /// <param name="office">The officers.</param>
    /// <param name="name">The user id, and the login at the development issuer.</param>
    /// <param name="pin">The PIN, or the one to be.</param>
    /// <param name="clients">Who may act for a new signer; each is approved. None: any approved client.</param>
    /// <param name="stop">Ends the waiting.</param>
    internal static async Task<DevelopmentSigner> FindOrRegisterAsync(
        DevelopmentOffice office, string name, Secret pin, IReadOnlyList<string> clients, CancellationToken stop)
    {
        foreach (string client in clients)
        {
            await office.ApproveClientAsync(client, stop);
        }

        AdminClient self = await office.LogInAsync(name, stop);
        SignerRecord record = await FindRecordAsync(office, self, name, clients, stop);
        if (record is { AnyClient: false, Clients.Count: 0 })
        {
            await office.LinkAnyClientAsync(record.Id, stop);
        }

        return new DevelopmentSigner(office, self, record, pin);
    }

    /// <summary>Sets the PIN with a code, as the signer does.</summary>
    internal async Task EnrolAsync(CancellationToken stop) => _ = (await RepeatAsync(
        async () =>
        {
            SignerCode code = (await _office.Registration.IssueCodeAsync(_record.Id, null, stop)).OrFail().Value;
            return await _self.EnrolAsync(code.Code, _pin, stop);
        },

        // Another code was issued since.
        nameof(SamErrorCode.EnrolmentCodeInvalid))).OrFail();

    /// <summary>Enrols a device of the signer's own, with a code, as the signer does.</summary>
    internal async Task<DevelopmentDevice> AddDeviceAsync(string name, CancellationToken stop)
    {
        string deployment = (await _self.GetStatusAsync(stop)).OrFail().Value.Deployment;
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            SignerRecord signer = (await RepeatAsync(
                async () =>
                {
                    SignerCode code = (await _office.Registration.IssueCodeAsync(_record.Id, null, stop)).OrFail().Value;
                    DeviceBody body = new()
                    {
                        Name = name,
                        PublicKey = key.ExportSubjectPublicKeyInfo(),
                        Possession = DeviceSignature.Sign(key, NewDevice.Statement(deployment, new SecretText(code.Code.Reveal()), name)),
                    };
                    return await _self.EnrolAsync(code.Code, null, stop, body);
                },
                nameof(SamErrorCode.EnrolmentCodeInvalid))).OrFail().Value;
            return signer.Devices is [.., { } enrolled] && DeviceId.TryParse(enrolled.Id, out DeviceId id)
                ? new DevelopmentDevice(key, await _office.LogInAsync(UserId, stop, key), deployment, id, _pin)
                : throw new CommandFailure("The SAM names no device of the signer's.");
        }
        catch
        {
            // Whatever it was: nobody else has the key to clear it.
            key.Dispose();
            throw;
        }
    }

    /// <summary>Gives the signer a key, has it certified by its request, and confirms it.</summary>
    /// <returns>The credentialID and the certificate.</returns>
    internal async Task<(string CredentialId, byte[] Certificate)> AddCredentialAsync(string key, int? multisign, Certifier certify, CancellationToken stop, int? level = null)
    {
        KeyBody body = new() { Key = key, Multisign = multisign ?? DefaultMultisign, Level = level };
        AdminAnswer<CredentialRecord> created = (await RepeatAsync(() => _office.Registration.CreateCredentialAsync(_record.Id, body, null, stop))).OrFail();
        string id = created.Value.CredentialID;
        IReadOnlyList<byte[]> chain = await CertifyAsync(created.Value, certify, stop);
        _ = (await RepeatAsync(
            async () =>
            {
                string version = (await _office.Registration.FindCredentialAsync(id, stop)).OrFail().ETag ?? throw new CommandFailure("The SAM gives no version of a credential.");
                return await _office.Registration.SetCertificateAsync(id, chain, version, stop);
            },
            nameof(SamErrorCode.VersionOutdated))).OrFail();
        _ = (await RepeatAsync(() => _self.ConfirmAsync(id, _pin, stop))).OrFail();
        return (id, chain[0]);
    }

    private static async Task<SignerRecord> FindRecordAsync(DevelopmentOffice office, AdminClient self, string name, IReadOnlyList<string> clients, CancellationToken stop)
    {
        SamReply<AdminAnswer<OwnRecord>> own = await self.FindOwnAsync(stop);
        if (!own.IsRefused(out SamRefusal? unknown))
        {
            return own.OrFail().Value.Signer;
        }

        if (unknown.Error != nameof(SamErrorCode.NotTheSigner))
        {
            throw new CommandFailure(unknown.ToString());
        }

        RegistrationBody body = new()
        {
            UserID = name,
            Issuer = office.Issuer,
            Subject = name,
            Proofing = "development",
            Identity = new IdentityRecord(name[..Math.Min(name.Length, LongestCommonName)].Trim()),
            Clients = clients,
        };
        SamReply<AdminAnswer<SignerRecord>> registered = await RepeatAsync(() => office.Registration.RegisterAsync(body, null, stop));
        if (registered.IsRefused(out SamRefusal? refusal))
        {
            // Somebody else has just registered this name; or it is the name of somebody with another login.
            own = await self.FindOwnAsync(stop);
            return own.IsRefused(out _) ? throw new CommandFailure(refusal.ToString()) : own.OrFail().Value.Signer;
        }

        return registered.OrFail().Value;
    }

    /// <summary>Does again what somebody else was in the way of.</summary>
    private static async Task<SamReply<T>> RepeatAsync<T>(Func<Task<SamReply<T>>> act, string? cause = null)
        where T : class
    {
        for (int tries = 1; ; tries++)
        {
            SamReply<T> reply = await act();
            if (tries == MaxTries || !reply.IsRefused(out SamRefusal? refusal) || (refusal.Error != nameof(SamErrorCode.RowConflict) && refusal.Error != cause))
            {
                return reply;
            }
        }
    }

    /// <summary>An authority that looks at what it certifies: the SAM's signature, the key, the name.</summary>
    private async Task<IReadOnlyList<byte[]>> CertifyAsync(CredentialRecord credential, Certifier certify, CancellationToken stop)
    {
        byte[] identity = (await _self.GetIdentityCertificateAsync(stop)).OrFail().Value.Certificate;
        RequestRecord made = (await _office.Registration.RequestCertificateAsync(credential.CredentialID, stop)).OrFail().Value;
        return SealedRequest.Open(made.Request, identity) is { } request && request.IsFor(credential.PublicKey) && request.Names(_record.Identity)
            ? certify(request.Subject, credential.PublicKey)
            : throw new CommandFailure("The certification request is not the SAM's, or not for this key and this name.");
    }
}
