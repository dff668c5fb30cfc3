using Sam.Core.Algorithms;
using Sam.Core.Factors;

namespace Sam.Core.Credentials;

/// <summary>What a registration officer enters for a new credential.</summary>
/// <param name="Algorithm">The kind of its key.</param>
/// <param name="Multisign">How many signatures one authorization may cover: 1 to 1,000. More than one is an explicit choice (APX-0).</param>
/// <param name="Description">Shown to users: up to 200 characters; null for none.</param>
/// <param name="Level">The guideline's level (ACT-1 to ACT-3): 1 to 3.</param>
/// <param name="Authorization">By which factors its use is authorized; null for what its level has by default.</param>
public sealed record CredentialRequest(KeyAlgorithm Algorithm, int Multisign = 1, string? Description = null, int Level = LevelPolicy.Lowest, KeyAuthorization? Authorization = null)
{
    /// <summary>The factors.</summary>
    public KeyAuthorization Factors => Authorization ?? KeyAuthorization.DefaultOf(Level);
}
