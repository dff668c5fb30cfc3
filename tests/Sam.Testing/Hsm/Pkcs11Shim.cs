using System.Globalization;

namespace Sam.Testing.Hsm;

/// <summary>
/// A PKCS#11 module around SoftHSM that logs its calls and fails when told to (Shim/softhsm_shim.c says how). Any number of processes may
/// load it; the log and the faults are theirs together.
/// </summary>
public sealed class Pkcs11Shim
{
    /// <summary>The name under which MACs are logged and can be made to fail: in PKCS#11 they are C_Sign as well.</summary>
    public const string Mac = "C_Sign-mac";

    /// <summary>The name under which signatures are logged and can be made to fail.</summary>
    public const string Sign = "C_Sign";

    private readonly string _base;

    internal Pkcs11Shim(SoftHsmFixture token, string @base, bool isLocking)
    {
        _base = @base;

        // Copies, not links: the loader takes two names of one file for one module.
        File.Copy(token.CompiledShim, ModulePath);
        File.Copy(token.LibraryPath, $"{_base}.real.so");
        File.CreateSymbolicLink($"{_base}.conf", token.ConfigPath);
        if (isLocking)
        {
            File.CreateSymbolicLink($"{_base}.lock", token.TokenLock);
        }

        File.WriteAllText(LogPath, "");
    }

    /// <summary>What a backend is given as its module.</summary>
    public string ModulePath => $"{_base}.so";

    /// <summary>How a call that a fault makes hang is logged, when it begins to.</summary>
    public const string Hanging = "hang";

    /// <summary>From now on each signature and MAC that is made is written down with its key and time, as an HSM's own log has it; gives the file.</summary>
    public string LogSignatures()
    {
        string path = $"{_base}.signs";
        File.AppendAllText(path, "");
        return path;
    }

    private string LogPath => $"{_base}.log";

    /// <summary>How many signatures SoftHSM was asked for, by all processes, whether or not they succeeded.</summary>
    public int SignCount() => Count(Sign);

    /// <summary>How many calls of a function there were.</summary>
    public int Count(string function) => Calls().Count(call => call.Function == function);

    /// <summary>Sessions that were opened and not closed again.</summary>
    public int OpenSessions() =>
        Calls().Count(call => call is { Function: "C_OpenSession", Result: 0 }) - Calls().Count(call => call is { Function: "C_CloseSession", Result: 0 });

    /// <summary>The calls so far, in the order of their ends.</summary>
    public IReadOnlyList<(int Process, string Function, uint Result)> Calls() =>
        [.. File.ReadAllLines(LogPath).Select(line => line.Split(' ')).Select(parts => (
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            parts[1],
            uint.Parse(parts[2].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];

    /// <summary>Waits until a function has been called this often; bounded by the test's own end.</summary>
    public async Task WaitForAsync(string function, CancellationToken cancellationToken, int count = 1)
    {
        while (Count(function) < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    /// <summary>Makes the next call of a function suffer a fault; or, with <paramref name="always"/>, every call until <see cref="Clear"/>.</summary>
    public void Inject(string function, ShimFault fault, bool always = false)
    {
        // Renamed into place, so that no call reads half a fault.
        string draft = $"{_base}.{Guid.NewGuid():N}";
        File.WriteAllText(draft, $"{(always ? "always" : "once")} {fault.Text}\n");
        File.Move(draft, FaultPath(function), overwrite: true);
    }

    /// <summary>Ends a fault; calls that hang go on.</summary>
    public void Clear(string function)
    {
        File.Delete(FaultPath(function));
        File.Delete($"{FaultPath(function)}.held");
    }

    private string FaultPath(string function) => $"{_base}.{function}";
}
