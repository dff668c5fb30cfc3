using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Sam.Tests.Infrastructure;

/// <summary>
/// The Bicep compiler of the version that Directory.Packages.props pins, as a process that is asked over its input and output (JSON-RPC): to start it takes seconds,
/// to ask it again does not. It needs no network: no module comes from a registry.
/// </summary>
internal sealed class BicepCompiler : IDisposable
{
    private readonly Process _process;
    private int _asked;

    private BicepCompiler(Process process) => _process = process;

    public void Dispose()
    {
        // The end of its input ends it.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    internal static string FindPath() =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "BicepPath").Value!.Replace('\\', '/');

    internal static BicepCompiler Start(IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = new(FindPath(), ["jsonrpc", "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new BicepCompiler(Process.Start(start) ?? throw new InvalidOperationException("The Bicep compiler did not start."));
    }

    /// <summary>Errors, warnings and hints of compiler and linter, for the file and all that it uses: one line each.</summary>
    internal async Task<IReadOnlyList<string>> CompileAsync(string file)
    {
        JsonElement result = await AskAsync(file.EndsWith(".bicepparam", StringComparison.Ordinal) ? "bicep/compileParams" : "bicep/compile", new { path = file, parameterOverrides = new { } });
        string[] diagnostics = [.. result.GetProperty("diagnostics").EnumerateArray().Select(Line)];
        return result.GetProperty("success").GetBoolean() || diagnostics.Length > 0 ? diagnostics : [$"{file}: does not compile, and nothing is said of why"];
    }

    /// <summary>The resources that a parameter file would deploy, as JSON: parameters are put in, conditions and loops are evaluated.</summary>
    internal async Task<string> PredictAsync(string parameterFile)
    {
        var metadata = new { tenantId = Blueprint.Tenant, subscriptionId = Blueprint.Subscription, location = "japaneast" };
        JsonElement result = await AskAsync("bicep/getSnapshot", new { path = parameterFile, metadata, externalInputs = Array.Empty<object>() });
        return result.GetProperty("snapshot").GetString()!;
    }

    private static string Line(JsonElement diagnostic) =>
        $"{Path.GetFileName(diagnostic.GetProperty("source").GetString())}({diagnostic.GetProperty("range").GetProperty("start").GetProperty("line").GetInt32() + 1}): "
        + $"{diagnostic.GetProperty("level")} {diagnostic.GetProperty("code")}: {diagnostic.GetProperty("message")}";

    private async Task<JsonElement> AskAsync(string method, object parameters)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new { jsonrpc = "2.0", id = ++_asked, method, @params = parameters });
        Stream input = _process.StandardInput.BaseStream;
        await input.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n")));
        await input.WriteAsync(body);
        await input.FlushAsync();
        using JsonDocument answer = JsonDocument.Parse(await ReadAsync(_process.StandardOutput.BaseStream));
        return answer.RootElement.TryGetProperty("result", out JsonElement result)
            ? result.Clone()
            : throw new InvalidOperationException($"The Bicep compiler says to {method}: {answer.RootElement.GetProperty("error")}");
    }

    private static async Task<byte[]> ReadAsync(Stream output)
    {
        int length = 0;
        for (string line = await ReadLineAsync(output); line.Length > 0; line = await ReadLineAsync(output))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(line.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture);
            }
        }

        byte[] body = new byte[length];
        await output.ReadExactlyAsync(body);
        return body;
    }

    private static async Task<string> ReadLineAsync(Stream output)
    {
        StringBuilder line = new();
        byte[] next = new byte[1];
        while (true)
        {
            await output.ReadExactlyAsync(next);
            if (next[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)next[0]);
        }
    }
}
