using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sam.Cli.Http;
using Sam.Core.Audit;
using Sam.Core.Officers;

namespace Sam.Cli.Admin;

/// <summary>
/// The Admin API as one user sees it; several users share one <see cref="AdminHttp"/>. What the SAM refuses is a value; one that cannot be reached, or answers something else than its API says, is a <see cref="CommandFailure"/>.
/// What makes something takes an idempotency key: sent again with the same one, it makes nothing twice. Changes of what has versions name the version that they start from: the <see cref="AdminAnswer{T}.ETag"/> of an answer.
/// </summary>
internal sealed class AdminClient(AdminHttp http, AdminUser user)
{
    // As many as the service gives at once.
    private const int PageSize = 200;

    /// <summary>Where the SAM is.</summary>
    internal Uri Address => http.Address;

    // The beginning, with anybody's token.

    internal Task<SamReply<AdminAnswer<StatusRecord>>> GetStatusAsync(CancellationToken stop) => AskAsync("status", AdminJson.Default.StatusRecord, stop);

    internal Task<SamReply<AdminAnswer<IdentityCertificateRecord>>> GetIdentityCertificateAsync(CancellationToken stop) =>
        AskAsync("identity-certificate", AdminJson.Default.IdentityCertificateRecord, stop);

    internal Task<SamReply<AdminAnswer<InitializationCodes>>> InitializeAsync(InitializationBody body, CancellationToken stop) =>
        TellAsync("initialization", Bytes(body, AdminJson.Default.InitializationBody), AdminJson.Default.InitializationCodes, stop);

    // Privileged users. The first call is signed with the key that it enrols.

    internal Task<SamReply<AdminAnswer<OfficerRecord>>> EnrolOfficerAsync(Secret code, CancellationToken stop)
    {
        OfficerEnrolmentBody body = new() { Code = code, PublicKey = user.Key?.ExportSubjectPublicKeyInfo() ?? throw new InvalidOperationException("The key to be enrolled is wanted.") };
        return PostAsync("officers/enrolment", Bytes(body, AdminJson.Default.OfficerEnrolmentBody), AdminJson.Default.OfficerRecord, stop);
    }

    internal Task<SamReply<AdminAnswer<ListRecord<OfficerRecord>>>> ListOfficersAsync(CancellationToken stop) => GetAsync("officers", AdminJson.Default.ListRecordOfficerRecord, stop);

    internal Task<SamReply<AdminAnswer<ProposalRecord>>> ProposeAsync(OfficerChange change, string? idempotencyKey, CancellationToken stop) =>
        MakeAsync("proposals", change.ToJson(), idempotencyKey, AdminJson.Default.ProposalRecord, stop);

    internal Task<SamReply<AdminAnswer<ListRecord<ProposalRecord>>>> ListProposalsAsync(CancellationToken stop) =>
        GetPagesAsync("proposals", AdminJson.Default.ListRecordProposalRecord, stop);

    internal Task<SamReply<AdminAnswer<ProposalRecord>>> FindProposalAsync(string id, CancellationToken stop) => GetAsync($"proposals/{Escape(id)}", AdminJson.Default.ProposalRecord, stop);

    internal Task<SamReply<AdminAnswer<ApprovalResult>>> ApproveAsync(string id, string changeDigest, CancellationToken stop) => PostAsync(
        $"proposals/{Escape(id)}/approval", Bytes(new ApprovalBody { Change = changeDigest }, AdminJson.Default.ApprovalBody), AdminJson.Default.ApprovalResult, stop);

    internal Task<SamReply<AdminAnswer<ProposalRecord>>> WithdrawAsync(string id, CancellationToken stop) =>
        PostAsync($"proposals/{Escape(id)}/withdrawal", null, AdminJson.Default.ProposalRecord, stop);

    internal Task<SamReply<AdminAnswer<ListRecord<ClientRecord>>>> ListClientsAsync(CancellationToken stop) => GetPagesAsync("clients", AdminJson.Default.ListRecordClientRecord, stop);

    // What auditors read.

    internal Task<SamReply<AdminAnswer<OpenedRowsRecord>>> ReadAuditAsync(string chain, long from, int limit, CancellationToken stop) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"audit/chains/{Escape(chain)}?limit={limit}&page={from}"), AdminJson.Default.OpenedRowsRecord, stop);

    internal Task<SamReply<AdminAnswer<BoundRecord>>> FindAuditRecordAsync(string chain, long sequence, int index, CancellationToken stop) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"audit/chains/{Escape(chain)}/rows/{sequence}/records/{index}"), AdminJson.Default.BoundRecord, stop);

    internal Task<SamReply<AdminAnswer<AuditedTransactionRecord>>> FindTransactionAsync(string id, CancellationToken stop) =>
        GetAsync($"audit/transactions/{Escape(id)}", AdminJson.Default.AuditedTransactionRecord, stop);

    internal Task<SamReply<AdminAnswer<NoAnswer>>> StopClientAsync(string client, CancellationToken stop) =>
        PostAsync<NoAnswer>("clients/stop", Bytes(new ClientBody { Client = client }, AdminJson.Default.ClientBody), null, stop);

    // Signers.

    internal Task<SamReply<AdminAnswer<SignerRecord>>> RegisterAsync(RegistrationBody body, string? idempotencyKey, CancellationToken stop) =>
        MakeAsync("signers", Bytes(body, AdminJson.Default.RegistrationBody), idempotencyKey, AdminJson.Default.SignerRecord, stop);

    internal Task<SamReply<AdminAnswer<ListRecord<SignerRecord>>>> ListSignersAsync(CancellationToken stop) => GetPagesAsync("signers", AdminJson.Default.ListRecordSignerRecord, stop);

    internal Task<SamReply<AdminAnswer<SignerRecord>>> FindSignerAsync(string id, CancellationToken stop) => GetAsync($"signers/{Escape(id)}", AdminJson.Default.SignerRecord, stop);

    internal Task<SamReply<AdminAnswer<SignerRecord>>> SetClientsAsync(string id, IReadOnlyList<string> clients, string etag, CancellationToken stop) =>
        PutAsync($"signers/{Escape(id)}/clients", Bytes(new ClientsBody { Clients = clients }, AdminJson.Default.ClientsBody), etag, AdminJson.Default.SignerRecord, stop);

    internal Task<SamReply<AdminAnswer<SignerCode>>> IssueCodeAsync(string id, string? idempotencyKey, CancellationToken stop) =>
        MakeAsync($"signers/{Escape(id)}/enrolment-code", null, idempotencyKey, AdminJson.Default.SignerCode, stop);

    /// <param name="id">The signer.</param>
    /// <param name="act"><c>suspension</c>, <c>resumption</c>, <c>unlocking</c> or <c>closure</c>.</param>
    /// <param name="reason">Why.</param>
    /// <param name="etag">The version.</param>
    /// <param name="stop">Ends the waiting.</param>
    internal Task<SamReply<AdminAnswer<SignerRecord>>> ChangeSignerAsync(string id, string act, string reason, string etag, CancellationToken stop) =>
        PostAsync($"signers/{Escape(id)}/{act}", Bytes(new ReasonBody { Reason = reason }, AdminJson.Default.ReasonBody), AdminJson.Default.SignerRecord, stop, etag);

    internal Task<SamReply<AdminAnswer<SignerRecord>>> RemoveDeviceAsync(string id, DeviceRemovalBody body, string etag, CancellationToken stop) =>
        PostAsync($"signers/{Escape(id)}/device-removal", Bytes(body, AdminJson.Default.DeviceRemovalBody), AdminJson.Default.SignerRecord, stop, etag);

    // Credentials.

    internal Task<SamReply<AdminAnswer<CredentialRecord>>> CreateCredentialAsync(string signer, KeyBody body, string? idempotencyKey, CancellationToken stop) =>
        MakeAsync($"signers/{Escape(signer)}/credentials", Bytes(body, AdminJson.Default.KeyBody), idempotencyKey, AdminJson.Default.CredentialRecord, stop);

    internal Task<SamReply<AdminAnswer<ListRecord<CredentialRecord>>>> ListCredentialsAsync(string signer, CancellationToken stop) =>
        GetAsync($"signers/{Escape(signer)}/credentials", AdminJson.Default.ListRecordCredentialRecord, stop);

    internal Task<SamReply<AdminAnswer<CredentialRecord>>> FindCredentialAsync(string id, CancellationToken stop) =>
        GetAsync($"credentials/{Escape(id)}", AdminJson.Default.CredentialRecord, stop);

    internal Task<SamReply<AdminAnswer<ImportRecord>>> RequestImportAsync(string signer, KeyBody body, CancellationToken stop) =>
        PostAsync($"signers/{Escape(signer)}/imports", Bytes(body, AdminJson.Default.KeyBody), AdminJson.Default.ImportRecord, stop);

    internal Task<SamReply<AdminAnswer<CredentialRecord>>> ImportAsync(string signer, ImportBody body, CancellationToken stop) =>
        PostAsync($"signers/{Escape(signer)}/imported-credentials", Bytes(body, AdminJson.Default.ImportBody), AdminJson.Default.CredentialRecord, stop);

    internal Task<SamReply<AdminAnswer<RequestRecord>>> RequestCertificateAsync(string id, CancellationToken stop) =>
        PostAsync($"credentials/{Escape(id)}/certification-request", null, AdminJson.Default.RequestRecord, stop);

    internal Task<SamReply<AdminAnswer<CredentialRecord>>> SetCertificateAsync(string id, IReadOnlyList<byte[]> chain, string etag, CancellationToken stop) =>
        PutAsync($"credentials/{Escape(id)}/certificate", Bytes(new CertificatesBody { Certificates = chain }, AdminJson.Default.CertificatesBody), etag, AdminJson.Default.CredentialRecord, stop);

    /// <param name="id">The credential.</param>
    /// <param name="act"><c>suspension</c>, <c>resumption</c>, <c>revocation</c> or <c>destruction</c>.</param>
    /// <param name="reason">Why.</param>
    /// <param name="etag">The version.</param>
    /// <param name="stop">Ends the waiting.</param>
    internal Task<SamReply<AdminAnswer<CredentialRecord>>> ChangeCredentialAsync(string id, string act, string reason, string etag, CancellationToken stop) =>
        PostAsync($"credentials/{Escape(id)}/{act}", Bytes(new ReasonBody { Reason = reason }, AdminJson.Default.ReasonBody), AdminJson.Default.CredentialRecord, stop, etag);

    // Signers themselves, with their own login.

    internal Task<SamReply<AdminAnswer<SignerRecord>>> EnrolAsync(Secret code, Secret? pin, CancellationToken stop, DeviceBody? device = null, bool totp = false) =>
        TellAsync("enrolment", Bytes(new EnrolmentBody { Code = code, Pin = pin, Device = device, Totp = totp ? true : null }, AdminJson.Default.EnrolmentBody), AdminJson.Default.SignerRecord, stop);

    internal Task<SamReply<AdminAnswer<OwnRecord>>> FindOwnAsync(CancellationToken stop) => AskAsync("me", AdminJson.Default.OwnRecord, stop);

    internal Task<SamReply<AdminAnswer<CredentialRecord>>> ConfirmAsync(string id, Secret pin, CancellationToken stop) =>
        TellAsync($"me/credentials/{Escape(id)}/confirmation", Bytes(new PinBody { Pin = pin }, AdminJson.Default.PinBody), AdminJson.Default.CredentialRecord, stop);

    internal Task<SamReply<AdminAnswer<ChallengeText>>> ChallengeAsync(string id, string action, CancellationToken stop) =>
        TellAsync($"me/credentials/{Escape(id)}/challenges", Bytes(new ActionBody { Action = action }, AdminJson.Default.ActionBody), AdminJson.Default.ChallengeText, stop);

    internal Task<SamReply<AdminAnswer<CredentialRecord>>> StopAsync(string id, StopBody body, CancellationToken stop) =>
        TellAsync($"me/credentials/{Escape(id)}/stops", Bytes(body, AdminJson.Default.StopBody), AdminJson.Default.CredentialRecord, stop);

    // Their devices, whose key signs what they ask and decide.

    internal Task<SamReply<AdminAnswer<ListRecord<PendingRecord>>>> ListPendingAsync(CancellationToken stop) => GetAsync("me/approvals", AdminJson.Default.ListRecordPendingRecord, stop);

    internal Task<SamReply<AdminAnswer<NoAnswer>>> DecideAsync(string id, DecisionBody body, CancellationToken stop) =>
        TellAsync<NoAnswer>($"me/approvals/{Escape(id)}", Bytes(body, AdminJson.Default.DecisionBody), null, stop);

    /// <summary>A GET with a token alone.</summary>
    private Task<SamReply<AdminAnswer<T>>> AskAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class => http.SendAsync(new AdminRequest(user, HttpMethod.Get, path), type, stop);

    /// <summary>A POST with a token alone.</summary>
    private Task<SamReply<AdminAnswer<T>>> TellAsync<T>(string path, byte[] body, JsonTypeInfo<T>? type, CancellationToken stop)
        where T : class => http.SendAsync(new AdminRequest(user, HttpMethod.Post, path) { Body = body }, type, stop);

    private Task<SamReply<AdminAnswer<T>>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class => http.SendAsync(new AdminRequest(user, HttpMethod.Get, path) { IsProved = true }, type, stop);

    private Task<SamReply<AdminAnswer<T>>> PostAsync<T>(string path, byte[]? body, JsonTypeInfo<T>? type, CancellationToken stop, string? etag = null)
        where T : class => http.SendAsync(new AdminRequest(user, HttpMethod.Post, path) { Body = body, IfMatch = etag, IsProved = true }, type, stop);

    private Task<SamReply<AdminAnswer<T>>> MakeAsync<T>(string path, byte[]? body, string? idempotencyKey, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class => http.SendAsync(new AdminRequest(user, HttpMethod.Post, path) { Body = body, IdempotencyKey = idempotencyKey, IsProved = true }, type, stop);

    private Task<SamReply<AdminAnswer<T>>> PutAsync<T>(string path, byte[] body, string etag, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class => http.SendAsync(new AdminRequest(user, HttpMethod.Put, path) { Body = body, IfMatch = etag, IsProved = true }, type, stop);

    /// <summary>All pages of a list as one.</summary>
    private async Task<SamReply<AdminAnswer<ListRecord<T>>>> GetPagesAsync<T>(string path, JsonTypeInfo<ListRecord<T>> type, CancellationToken stop)
    {
        List<T> items = [];
        List<JsonElement> json = [];
        string page = string.Empty;
        while (true)
        {
            SamReply<AdminAnswer<ListRecord<T>>> reply = await GetAsync($"{path}?limit={PageSize}{page}", type, stop);
            if (reply.IsRefused(out _))
            {
                return reply;
            }

            AdminAnswer<ListRecord<T>> answer = reply.OrFail();
            items.AddRange(answer.Value.Items);
            json.AddRange(answer.Json.GetProperty("items").EnumerateArray());
            if (answer.Value.Next is not { } next)
            {
                string all = $$"""{"items":[{{string.Join(',', json.Select(item => item.GetRawText()))}}]}""";
                return new(new AdminAnswer<ListRecord<T>>(new ListRecord<T>(items), JsonElement.Parse(all), answer.ETag));
            }

            page = "&page=" + Escape(next);
        }
    }

    private static byte[] Bytes<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
