using Microsoft.Extensions.Configuration;
using Sam.Core.Audit;

namespace Sam.Api.Composition;

/// <summary>Reads a host's own sections below <c>Sam</c>.</summary>
public static class SamSettings
{
    private static readonly HashSet<string> _ofThePolicy = new(typeof(AuditPolicy).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether anything is configured there.</summary>
    public static bool Has(this IConfiguration configuration, string name) => configuration.GetSection(SamApiServices.Section).GetSection(name).Exists();

    /// <summary>Reads a section into options that may hold defaults. A misspelled setting must not leave a default in its place.</summary>
    /// <exception cref="InvalidOperationException">A setting is not known, or not of its type.</exception>
    public static T Read<T>(this IConfiguration configuration, string name, T options)
        where T : class
    {
        configuration.GetSection(SamApiServices.Section).GetSection(name).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return options;
    }

    /// <summary>Reads the section <c>Audit</c> into the options of the audit's store. <see cref="AuditPolicy"/> stands in the same section, and is read with the module's options.</summary>
    /// <exception cref="InvalidOperationException">A setting is not known, or not of its type.</exception>
    public static T ReadAuditStore<T>(this IConfiguration configuration, T options)
        where T : class
    {
        ConfigurationBuilder own = new();
        own.AddInMemoryCollection(configuration.GetSection(SamApiServices.Section).GetSection("Audit").AsEnumerable(makePathsRelative: true)
            .Where(setting => !_ofThePolicy.Contains(setting.Key)));
        own.Build().Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return options;
    }
}
