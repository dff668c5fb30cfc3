using System.Security.Cryptography;
using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// How a signer's factors come to be, and the only way: with a code that an officer gave them, and their own login (T-REG-4, T-MGT-2; security decision 23). An officer knows the code and
/// has not the login; an administrator of the identity provider has any login and not the code.
/// </summary>
public sealed class Enrolment
{
    private static readonly TimeSpan _codeLifetime = TimeSpan.FromDays(7);

    private readonly SealedRows _rows;
    private readonly SignerChanges _changes;
    private readonly SignerNames _names;
    private readonly PinCheck _pins;
    private readonly KeyReference _pepper;
    private readonly TotpCheck _totps;
    private readonly DeviceBinding _devices;
    private readonly string _deployment;
    private readonly IAuditLog _audit;

    internal Enrolment(SealedRows rows, StandingStops stops, PinCheck pins, TotpCheck totps, KeyReference pepper, DeviceBinding devices, string deployment, IAuditLog audit)
    {
        _totps = totps;
        _devices = devices;
        _deployment = deployment;
        _rows = rows;
        _changes = new SignerChanges(rows, stops, audit);
        _names = new SignerNames(rows);
        _pins = pins;
        _pepper = pepper;
        _audit = audit;
    }

    /// <summary>Makes a code, good once and for 7 days; the one before it ends. Refused with SignerUnknown, SignerStateWrong (suspended or closed), or RowConflict.</summary>
    public async Task<Result<(SecretText Code, DateTimeOffset ExpiresAt)>> IssueCodeAsync(SignerId signer, Actor by, CancellationToken cancellationToken)
    {
        if ((await _changes.ReadAsync(signer, cancellationToken)).IsRefused(out Refusal? unread, out (SealedRow<SignerRow> Signer, SealedRow<SignerFileRow> File) rows))
        {
            return unread;
        }

        if (SignerLife.After(SignerAct.Enrol, rows.Signer.Value) is null)
        {
            return SamErrorCode.SignerStateWrong;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        SecretText code = EnrolmentCode.New();
        SignerFileRow file = (rows.File.Value with { Code = EnrolmentCode.ToRow(code, now + _codeLifetime) }).With(new ChangeRow(now, by.Name, "IssueCode", null));
        if ((await _rows.ReplaceAsync(SignerRows.File(signer), RowSchemas.SignerFile, file, rows.File.ETag, CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.EnrolmentCodeIssued, By = by.Name, Signer = signer.Value });
        return (code, file.Code!.ExpiresAt);
    }

    /// <summary>As <see cref="EnrolAsync(LoginName, SecretText, NewFactors, CancellationToken)"/>, with a PIN alone.</summary>
    public async Task<Result<SignerId>> EnrolAsync(LoginName login, SecretText code, SecretText pin, CancellationToken cancellationToken) =>
        (await EnrolAsync(login, code, new NewFactors(pin, Device: null), cancellationToken)).IsRefused(out Refusal? refusal, out Enrolled? enrolled) ? refusal : enrolled.Signer;

    /// <summary>
    /// Sets a signer's factors, and makes them active: a PIN, which starts their counters anew, a device beside those they have, a secret for an authenticator app, or several of them. Live SADs end. Refused with NotTheSigner (a login that
    /// no signer has), EnrolmentCodeInvalid, SignerStateWrong, ParameterInvalid (no factor, a first one that is no PIN, a device too many or that does not prove its key), or RowConflict.
    /// </summary>
    public async Task<Result<Enrolled>> EnrolAsync(LoginName login, SecretText code, NewFactors factors, CancellationToken cancellationToken)
    {
        if (factors.Pin is { Length: 0 } || factors is { Pin: null, Device: null, Totp: false })
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "pin");
        }

        if (factors.Device?.FindFault(_deployment, code) is { } fault)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, fault);
        }

        if ((await FindAsync(login, cancellationToken)).IsRefused(out Refusal? refusal, out SignerId signer)
            || (await CheckCodeAsync(signer, login, code, cancellationToken)).IsRefused(out refusal, out EnrolmentCodeRow? row))
        {
            await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.EnrolmentRefused, Cause = refusal.Code.ToString(), Detail = login.ToString() });
            return refusal;
        }

        PinVerifier? verifier = factors.Pin is null ? null : await _pins.CreateVerifierAsync(signer, factors.Pin, _pepper, cancellationToken);
        DeviceRow? device = factors.Device is null
            ? null
            : await _devices.BindAsync(signer, new DeviceRow(DeviceId.New().Value, factors.Device.Name, factors.Device.PublicKey.ToArray(), Binding: []), cancellationToken);
        (TotpRow? totp, SecretText? uri) = factors.Totp ? await _totps.CreateAsync(signer, login.Subject, _pepper, cancellationToken) : default;
        return (await _changes.ChangeAsync(
            signer,
            SignerAct.Enrol,
            Actor.OfSigner(signer),
            reason: device is null ? null : $"device {device.Id}",
            expected: null,

            // Read again: another use of the same code may have come first.
            (present, file) => file.Code is not { } code || !CryptographicOperations.FixedTimeEquals(code.Digest, row.Digest) ? SamErrorCode.EnrolmentCodeInvalid
                : (verifier ?? present.Pin) is null ? new Refusal(SamErrorCode.ParameterInvalid, "pin")
                : device is not null && present.Devices.Count >= SignerRow.MaxDevices ? new Refusal(SamErrorCode.ParameterInvalid, "device")
                : new SignerStep(
                    present with { Pin = verifier ?? present.Pin, Totp = totp ?? present.Totp, Devices = device is null ? present.Devices : [.. present.Devices, device] },
                    file with { Code = null }),
            verifier is null ? CounterReset.None : CounterReset.All,
            cancellationToken)).IsRefused(out refusal, out _) ? refusal : new Enrolled(signer, uri);
    }

    private async Task<Result<SignerId>> FindAsync(LoginName login, CancellationToken cancellationToken)
    {
        Result<SignerId> found = await _names.FindAsync(SignerRows.Login(login), cancellationToken);
        return found.Refusal?.Code == SamErrorCode.RowMissing ? SamErrorCode.NotTheSigner : found;
    }

    private async Task<Result<EnrolmentCodeRow>> CheckCodeAsync(SignerId signer, LoginName login, SecretText code, CancellationToken cancellationToken)
    {
        if ((await _changes.ReadAsync(signer, cancellationToken)).IsRefused(out Refusal? unread, out (SealedRow<SignerRow> Signer, SealedRow<SignerFileRow> File) rows))
        {
            return unread.Code == SamErrorCode.SignerUnknown ? SamErrorCode.NotTheSigner : unread;
        }

        return !rows.Signer.Value.IsLogin(login) ? SamErrorCode.NotTheSigner
            : !EnrolmentCode.IsValid(rows.File.Value.Code, code, await _rows.GetTimeAsync(cancellationToken)) ? SamErrorCode.EnrolmentCodeInvalid
            : rows.File.Value.Code!;
    }
}
