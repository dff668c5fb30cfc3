using Microsoft.Extensions.Options;
using Sam.Core;

namespace Sam.Api.Composition;

/// <summary>Stops the start on times and limits that would undo what the module promises.</summary>
internal sealed class ActivationModuleOptionsValidator : IValidateOptions<ActivationModuleOptions>
{
    public ValidateOptionsResult Validate(string? name, ActivationModuleOptions options) =>
        options.FindFault() is { } fault ? ValidateOptionsResult.Fail($"Sam:{fault}") : ValidateOptionsResult.Success;
}
