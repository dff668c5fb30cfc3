using Microsoft.Extensions.Options;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Randomness;
using Sam.Core.Rows;

namespace Sam.Api.Composition;

/// <summary>What keeps a host from starting and is its operator's to mend: settings, HSM, stores, and an address that is taken (IOException).</summary>
public static class StartFailure
{
    /// <summary>Whether it is one of these. Anything else is a fault of ours and keeps its stack trace.</summary>
    public static bool Is(Exception exception) => exception is OptionsValidationException or ArgumentException or FormatException or InvalidOperationException
        or KeyBackendException or RowStoreException or AuditUnavailableException or RandomnessException or IOException;

    /// <summary>One line for the one who set it up.</summary>
    public static string Describe(Exception exception) => $"The SAM does not start: {exception.Message.ReplaceLineEndings(" ")}";
}
