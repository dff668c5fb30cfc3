using Sam.Api.Admin;
using Sam.Api.Pipeline;
using Sam.Core.Results;

namespace Sam.Api.OpenApi;

/// <summary>Why a route refuses: what comes with its policy, its gate and its body, and what is its own.</summary>
internal static class RouteRefusals
{
    private static readonly SamErrorCode[] _token =
        [SamErrorCode.AuthorizationHeaderMalformed, SamErrorCode.TokenInvalid, SamErrorCode.TokenExpired, SamErrorCode.IdentityProviderUnavailable];

    /// <summary>HSM, storage and audit that are away, and rows that somebody changed.</summary>
    private static readonly SamErrorCode[] _module =
    [
        SamErrorCode.StorageUnavailable, SamErrorCode.HsmUnavailable, SamErrorCode.AuditUnavailable, SamErrorCode.RowMissing, SamErrorCode.RowBroken,
        SamErrorCode.RowRolledBack, SamErrorCode.RowConflict, SamErrorCode.SignatureNotVerified, SamErrorCode.RandomnessFailed,
    ];

    private static readonly SamErrorCode[] _officer =
    [
        SamErrorCode.NotInitialized, SamErrorCode.AnchorBroken, SamErrorCode.OfficerUnknown, SamErrorCode.OfficerDisabled, SamErrorCode.OfficerNotEnrolled,
        SamErrorCode.ProofMissing, SamErrorCode.ProofInvalid, SamErrorCode.ProofReplayed, SamErrorCode.RightMissing,
    ];

    private static readonly SamErrorCode[] _body = [SamErrorCode.MediaTypeUnsupported, SamErrorCode.BodyTooLarge, SamErrorCode.BodyTooSlow, SamErrorCode.BodyMalformed];

    internal static IReadOnlyList<SamErrorCode> Of(SamRoute route, RouteDescription description)
    {
        CallerKind kind = route.Policy.Kind;
        List<SamErrorCode> all = [SamErrorCode.Unexpected];
        Add(AdminSurface.Has(route.Path), SamErrorCode.ChannelInsecure);
        Add(kind != CallerKind.Anybody, [.. _token, .. _module]);
        Add(kind is CallerKind.User or CallerKind.Officer, SamErrorCode.RouteForbidden);
        Add(kind == CallerKind.Officer, _officer);
        Add(route.Gate != RouteGate.Open, SamErrorCode.Overloaded);
        Add(route.ReadsBody, _body);
        Add(description.IsVersioned, SamErrorCode.VersionMissing, SamErrorCode.VersionOutdated, SamErrorCode.ParameterInvalid);
        Add(description.IsPaged, SamErrorCode.ParameterInvalid);
        Add(AdminSurface.Has(route.Path) && description.Idempotency is not null, SamErrorCode.ParameterInvalid, SamErrorCode.IdempotencyKeyReused, SamErrorCode.RequestUnderWay);
        Add(true, [.. description.Refusals]);
        return [.. all.Distinct()];

        void Add(bool applies, params SamErrorCode[] codes)
        {
            if (applies)
            {
                all.AddRange(codes);
            }
        }
    }
}
