using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sam.Core;

namespace Sam.Api.Composition;

/// <summary>Stops the start on times and limits that would undo what the module promises.</summary>
internal sealed class ActivationModuleOptionsValidator : IValidateOptions<ActivationModuleOptions>
{
    private readonly IHostEnvironment _environment;

    public ActivationModuleOptionsValidator(IHostEnvironment environment) => _environment = environment;

    public ValidateOptionsResult Validate(string? name, ActivationModuleOptions options) =>
        options.FindFault() is { } fault ? ValidateOptionsResult.Fail($"Sam:{fault}")
        : !_environment.IsDevelopment() && !options.Pin.Cost.IsRecommended()
            ? ValidateOptionsResult.Fail("Sam:Pin:Cost is below what is recommended for passwords (7 MiB in 5 passes, or 19 MiB in 2). Less is for measurements, and for Development only.")
        : !_environment.IsDevelopment() && options.Certificates.AcceptAnyChain
            ? ValidateOptionsResult.Fail("Sam:Certificates:AcceptAnyChain is for Development only: name Sam:Certificates:TrustAnchorFiles.")
        : ValidateOptionsResult.Success;
}
