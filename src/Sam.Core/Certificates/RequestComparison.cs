namespace Sam.Core.Certificates;

/// <summary>A certification request beside the registration that it was made of.</summary>
/// <param name="Registered">Who was registered.</param>
/// <param name="InRequest">Whom the request names, in its own order.</param>
/// <param name="SubjectMatches">Whether these are the same person.</param>
/// <param name="KeyMatches">Whether the request is for the key that was generated for them.</param>
/// <param name="SignatureVerifies">Whether this key signed it.</param>
public sealed record RequestComparison(
    IReadOnlyList<NamePart> Registered,
    IReadOnlyList<NamePart> InRequest,
    bool SubjectMatches,
    bool KeyMatches,
    bool SignatureVerifies)
{
    /// <summary>Whether the request may be given to an authority.</summary>
    public bool IsAsRegistered => SubjectMatches && KeyMatches && SignatureVerifies;
}
