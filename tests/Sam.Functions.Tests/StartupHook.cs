using System.Diagnostics.Metrics;

#pragma warning disable CA1050 // The runtime looks for this name without a namespace (DOTNET_STARTUP_HOOKS).
/// <summary>
/// Runs inside the worker, before its own code, and notes each refusal in a file: the worker has no endpoint that tells them, and needs none for its tests.
/// It uses the base class library only, since the worker has none of the tests' packages.
/// </summary>
internal static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>The environment variable that names the file.</summary>
    internal const string FileVariable = "SAM_TEST_REFUSALS";

    private static readonly Lock _lock = new();
    private static readonly MeterListener _listener = new();

    /// <summary>Called by the runtime.</summary>
    public static void Initialize()
    {
        string file = Environment.GetEnvironmentVariable(FileVariable)!;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Name: "sam.refusals", Meter.Name: "Sam" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };

        // Written before the counting call returns, and so before the refusal is answered.
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (_lock)
            {
                File.AppendAllText(file, $"{tags[0].Value}\n");
            }
        });
        _listener.Start();
    }
}
