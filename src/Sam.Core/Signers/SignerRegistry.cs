using System.Globalization;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// Registers signers and says what state they are in (REG-1, MGT-2, T-REG-1). Who may ask for it is decided before, by the Admin API. It sets no factor: nobody but the signer does
/// (<see cref="Enrolment"/>).
/// </summary>
public sealed class SignerRegistry
{
    // A list of all signers is spread over some partitions, so that registering many at once has no bottleneck; they are read one after the other.
    private const int Shards = 16;

    private readonly SealedRows _rows;
    private readonly SignerNames _names;
    private readonly SignerChanges _changes;
    private readonly IAuditLog _audit;

    internal SignerRegistry(SealedRows rows, StandingStops stops, IAuditLog audit)
    {
        _rows = rows;
        _names = new SignerNames(rows);
        _changes = new SignerChanges(rows, stops, audit);
        _audit = audit;
    }

    /// <summary>
    /// Registers a signer, who cannot sign before they have set their factors. Refused with ParameterInvalid, UserIdTaken, LoginTaken, RowConflict (somebody is registering one of the names
    /// now, or a registration of it under another one broke off within the last minute), or RowBroken (a signer's row was deleted, and what is theirs was not).
    /// </summary>
    /// <param name="registration">Who.</param>
    /// <param name="by">Who registers them.</param>
    /// <param name="cancellationToken">Gives up before the first name is reserved.</param>
    /// <param name="id">The id they get, unless a registration of both their names broke off under another one; null for a fresh one.</param>
    public async Task<Result<SignerId>> RegisterAsync(SignerRegistration registration, Actor by, CancellationToken cancellationToken, SignerId? id = null)
    {
        if (registration.FindFault() is { } fault)
        {
            return fault;
        }

        RowAddress userId = SignerRows.UserId(registration.UserId);
        RowAddress login = SignerRows.Login(registration.Login);
        SignerId signer = await _names.FindBegunAsync(userId, login, cancellationToken) ?? id ?? SignerId.New();
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if ((await _names.ReserveAsync(userId, login, signer, SamErrorCode.UserIdTaken, now, cancellationToken)).IsRefused(out Refusal? refusal, out _)
            || (await _names.ReserveAsync(login, userId, signer, SamErrorCode.LoginTaken, now, cancellationToken)).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        // A conflict: the registration that broke off came so far.
        _ = await _rows.InsertAsync(ListAddress(signer), RowSchemas.ListedSigner, new ListedSignerRow(signer.Value), CancellationToken.None);

        SignerRow row = new(registration.UserId, registration.Login.Issuer, registration.Login.Subject, SignerStatus.Registered, registration.Clients, Pin: null, Totp: null, Devices: []);
        SignerFileRow file = new(registration.Identity, registration.Proofing, Code: null, [new ChangeRow(now, by.Name, "Register", null)]);
        RowWrite[] rows =
        [
            RowWrite.Insert(SignerRows.Signer(signer), RowSchemas.Signer, row),
            RowWrite.Insert(SignerRows.File(signer), RowSchemas.SignerFile, file),
            RowWrite.Insert(SignerRows.Counters(signer), RowSchemas.Counters, CountersRow.Fresh(version: 1)),
            RowWrite.Insert(CredentialRows.UsedChallenges(signer), RowSchemas.UsedChallenges, new UsedChallengesRow(new Dictionary<string, long>())),
        ];
        if ((await _rows.CommitAsync(rows, CancellationToken.None)).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        // Whoever slept for a minute before the commit has lost the names, and nothing leads to these rows.
        if (!await _names.IsOfAsync(userId, signer) || !await _names.IsOfAsync(login, signer))
        {
            return SamErrorCode.RowConflict;
        }

        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.SignerRegistered,
            By = by.Name,
            Signer = signer.Value,
            User = registration.UserId,
            Detail = $"{registration.Login}; {registration.Proofing}",
        });
        return signer;
    }

    /// <summary>Whether a signer was registered under this id, to the end: user id and login lead to them.</summary>
    public async Task<bool> IsRegisteredAsync(SignerId signer, CancellationToken cancellationToken) =>
        !(await ViewAsync(signer, cancellationToken)).IsRefused(out _, out SignerView? view)
        && await _names.IsOfAsync(SignerRows.UserId(view.UserId), signer)
        && LoginName.TryCreate(view.Issuer, view.Subject, out LoginName? login)
        && await _names.IsOfAsync(SignerRows.Login(login), signer);

    /// <summary>Finds a signer by user id. Refused with UserIdUnknown.</summary>
    public Task<Result<SignerId>> FindAsync(string userId, CancellationToken cancellationToken) => SignerRegistration.IsUserId(userId)
        ? FindAsync(SignerRows.UserId(userId), cancellationToken)
        : Task.FromResult<Result<SignerId>>(SamErrorCode.UserIdUnknown);

    /// <summary>Finds a signer by their own login. Refused with UserIdUnknown.</summary>
    public Task<Result<SignerId>> FindAsync(LoginName login, CancellationToken cancellationToken) => FindAsync(SignerRows.Login(login), cancellationToken);

    /// <summary>A signer. Refused with SignerUnknown.</summary>
    public async Task<Result<SignerView>> ViewAsync(SignerId signer, CancellationToken cancellationToken) =>
        (await _changes.ReadAsync(signer, cancellationToken)).IsRefused(out Refusal? refusal, out (SealedRow<SignerRow> Signer, SealedRow<SignerFileRow> File) rows)
            ? refusal
            : View(signer, rows.Signer, rows.File.Value);

    /// <summary>Signers in no order that means anything, after the given key; and the key of the next page, null with the last one. A registration that broke off is left out.</summary>
    public async Task<(IReadOnlyList<SignerView> Signers, string? Next)> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        List<SignerView> found = [];
        string? next = null;
        int first = SignerId.TryParse(after, out SignerId last) ? ShardOf(last) : 0;
        for (int shard = first; shard < Shards; shard++)
        {
            string from = shard == first && after is not null ? last.Value ?? string.Empty : string.Empty;
            await foreach ((RowAddress address, SealedRow<ListedSignerRow> _) in
                _rows.ListFromAsync(SamTable.Registry, ListPartition(shard), from, RowSchemas.ListedSigner, cancellationToken))
            {
                if (address.RowKey == after || !SignerId.TryParse(address.RowKey, out SignerId signer))
                {
                    continue;
                }

                if (found.Count == limit)
                {
                    return (found, next);
                }

                Result<SignerView> view = await ViewAsync(signer, cancellationToken);
                if (view.Refusal is null)
                {
                    found.Add(view.Value);
                    next = signer.Value;
                }
            }
        }

        return (found, null);
    }

    /// <summary>Stops a signer for now: no signHash whose spend is stored after this releases a signature. Refused with SignerUnknown, SignerStateWrong, VersionOutdated, ParameterInvalid (no reason) or RowConflict. So the next ones.</summary>
    public Task<Result<SignerId>> SuspendAsync(SignerId signer, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        ActAsync(signer, SignerAct.Suspend, by, reason, expected, CounterReset.None, cancellationToken);

    /// <summary>Lets a signer sign again.</summary>
    public Task<Result<SignerId>> ResumeAsync(SignerId signer, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        ActAsync(signer, SignerAct.Resume, by, reason, expected, CounterReset.None, cancellationToken);

    /// <summary>Ends a signer, for good. Their user id and login stay taken.</summary>
    public Task<Result<SignerId>> CloseAsync(SignerId signer, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        ActAsync(signer, SignerAct.Close, by, reason, expected, CounterReset.None, cancellationToken);

    /// <summary>Gives the attempts on the PIN back. The PIN stays what it was, and so does the count over its life.</summary>
    public Task<Result<SignerId>> UnlockAsync(SignerId signer, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        ActAsync(signer, SignerAct.Unlock, by, reason, expected, CounterReset.Attempts, cancellationToken);

    /// <summary>Says which clients may act for a signer, in place of those that might before. Live SADs end.</summary>
    public Task<Result<SignerId>> SetClientsAsync(SignerId signer, LinkedClients clients, Actor by, RowETag? expected, CancellationToken cancellationToken) =>
        _changes.ChangeAsync(
            signer, SignerAct.Link, by, reason: null, expected, (row, file) => new SignerStep(row with { Clients = clients }, file), CounterReset.None, cancellationToken);

    /// <summary>Takes a lost device from a signer: it approves nothing any more, and what it has approved ends. Refused as the others, and with ParameterInvalid (no such device).</summary>
    public async Task<Result<SignerId>> RemoveDeviceAsync(SignerId signer, DeviceId device, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        SignerChanges.IsReason(reason)
            ? await _changes.ChangeAsync(
                signer,
                SignerAct.RemoveDevice,
                by,
                reason,
                expected,
                (row, file) => row.Devices.Any(d => d.Id == device.Value)
                    ? new SignerStep(row with { Devices = [.. row.Devices.Where(d => d.Id != device.Value)] }, file)
                    : new Refusal(SamErrorCode.ParameterInvalid, "device"),
                CounterReset.None,
                cancellationToken)
            : new Refusal(SamErrorCode.ParameterInvalid, "reason");

    private static int ShardOf(SignerId signer) => int.Parse(signer.Value.AsSpan(0, 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string ListPartition(int shard) => string.Create(CultureInfo.InvariantCulture, $"signers-{shard:x1}");

    private static RowAddress ListAddress(SignerId signer) => new(SamTable.Registry, ListPartition(ShardOf(signer)), signer.Value);

    private static SignerView View(SignerId id, SealedRow<SignerRow> row, SignerFileRow file) => new(
        id,
        row.Value.UserId,
        row.Value.Issuer,
        row.Value.Subject,
        row.Value.Status,
        row.Value.Clients,
        file.Identity,
        file.Proofing,
        [.. row.Value.Devices.Select(d => new DeviceView(d.Id, d.Name))],
        [.. file.History.Select(c => new ChangeView(c.At, c.By, c.What, c.Reason))],
        row.ETag);

    private async Task<Result<SignerId>> FindAsync(RowAddress name, CancellationToken cancellationToken)
    {
        Result<SignerId> found = await _names.FindAsync(name, cancellationToken);
        return found.Refusal?.Code == SamErrorCode.RowMissing ? SamErrorCode.UserIdUnknown : found;
    }

    private async Task<Result<SignerId>> ActAsync(
        SignerId signer, SignerAct act, Actor by, string reason, RowETag? expected, CounterReset resetsCounters, CancellationToken cancellationToken) =>
        SignerChanges.IsReason(reason)
            ? await _changes.ChangeAsync(signer, act, by, reason, expected, (row, file) => new SignerStep(row, file), resetsCounters, cancellationToken)
            : new Refusal(SamErrorCode.ParameterInvalid, "reason");
}
