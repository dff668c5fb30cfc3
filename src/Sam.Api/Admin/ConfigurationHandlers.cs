using Sam.Api.Pipeline;
using Sam.Core.Configuration;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>The settings that decide security. They are changed by proposals.</summary>
internal static class ConfigurationHandlers
{
    internal static async Task<SamResponse> ReadAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ConfigurationRegistry configuration = (await request.GetModuleAsync(cancellationToken)).Configuration;
        return (await configuration.ReadAsync(cancellationToken)).IsRefused(out Refusal? refusal, out ConfigurationVersions? versions)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new ConfigurationAnswer(
                    configuration.Running is { } running ? new RunningAnswer(running.Settings.Digest, running.IsEnforced, running.Settings.Items) : null,
                    versions.Items is [{ } approved] ? ApprovedAnswer.Of(approved) : null),
                AdminJson.Web.ConfigurationAnswer);
    }

    internal static async Task<SamResponse> ReadHistoryAsync(SamRequest request, CancellationToken cancellationToken) =>
        (await (await request.GetModuleAsync(cancellationToken)).Configuration.ReadHistoryAsync(cancellationToken)).IsRefused(out Refusal? refusal, out ConfigurationVersions? versions)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new ConfigurationsAnswer([.. versions.Items.Select(ApprovedAnswer.Of)]), AdminJson.Web.ConfigurationsAnswer);
}
