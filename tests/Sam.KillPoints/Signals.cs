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

    /// <summary>
    /// Stops this process before the caller's next instruction. A stop that is sent to the process may be taken up by any of its threads, and until that one gets its turn the
    /// others go on, on a full machine past the step where they were to stop; one that is sent to the calling thread it takes up itself.
    /// </summary>
    internal static void StopHere()
    {
        if (SendSignalToThread(Environment.ProcessId, GetThread(), Stop) != 0)
        {
            throw new InvalidOperationException("The process could not stop itself.");
        }
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetThread();

    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignalToThread(int process, int thread, int signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
