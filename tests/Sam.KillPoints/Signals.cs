using System.Runtime.InteropServices;

namespace Sam.KillPoints;

/// <summary>The three signals of these tests. None of them can be caught, held back or tidied up after.</summary>
internal static partial class Signals
{
    internal const int Kill = 9;
    internal const int Continue = 18;
    internal const int Stop = 19;

    /// <summary>What a process ends with that SIGKILL has ended.</summary>
    internal const int ExitCodeOfKill = 128 + Kill;

    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    internal static void Send(int process, int signal)
    {
        if (SendSignal(process, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} did not reach process {process}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
