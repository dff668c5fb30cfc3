using Sam.Core.Activation;
using Sam.Core.Factors;

namespace Sam.Core;

/// <summary>Times and limits of the module.</summary>
public sealed record ActivationModuleOptions
{
    /// <summary>The times of a signature.</summary>
    public ActivationPolicy Activation { get; init; } = new();

    /// <summary>How PINs are checked.</summary>
    public PinPolicy Pin { get; init; } = new();
}
