using System.Security.Cryptography;
using Xunit;

namespace Sam.Testing.Hsm;

/// <summary>One fresh SoftHSM token for a whole test run, and shims around it. Meant as an assembly fixture.</summary>
public sealed class SoftHsmFixture : IAsyncLifetime
{
    private static readonly string[] _libraryPaths =
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("sam-softhsm-").FullName;
    private readonly SemaphoreSlim _addingToken = new(1);
    private Pkcs11Shim? _shim;

    /// <summary>
    /// A shim without faults. Other processes take it (or one of their own) as their module, too, and need no environment for it. Not SoftHSM's own
    /// library: only shims keep out of the way of the several copies of SoftHSM in this process.
    /// </summary>
    public string ModulePath => Shim.ModulePath;

    /// <summary>The shim of <see cref="ModulePath"/>. All tests of this process share it: no faults here.</summary>
    public Pkcs11Shim Shim => _shim ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <summary>The token's label, another one for each run.</summary>
    public string TokenLabel { get; } = $"sam-test-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>The user's PIN, random.</summary>
    public string Pin { get; } = RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 24);

    /// <summary>A file that holds the PIN; only its owner can read it.</summary>
    public string PinFile => Path.Combine(_folder, "pin");

    /// <summary>softhsm2.conf.</summary>
    public string ConfigPath => Path.Combine(_folder, "softhsm2.conf");

    /// <summary>How many objects are in the token, whoever made them: SoftHSM keeps each in a file of its own, and the token's data in one more.</summary>
    public int CountObjects() =>
        Directory.EnumerateFiles(Path.Combine(_folder, "tokens"), "*.object", SearchOption.AllDirectories).Count(file => Path.GetFileName(file) != "token.object");

    /// <summary>A shim of its own, with its own sessions, login, counts and faults, on the same token.</summary>
    /// <param name="isLocking">
    /// False for processes that may be stopped anywhere, also while they hold the lock, and that have this one copy of SoftHSM: without the lock nobody waits for them.
    /// </param>
    public Pkcs11Shim CreateShim(bool isLocking = true) => new(this, Path.Combine(_folder, $"shim-{RandomNumberGenerator.GetHexString(8, lowercase: true)}"), isLocking);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string tokens = Directory.CreateDirectory(Path.Combine(_folder, "tokens")).FullName;
        await File.WriteAllTextAsync(
            ConfigPath, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n", cancellationToken);
#pragma warning disable CA1416 // The paths above say where these tests run: not on Windows.
        using (FileStream pinFile = new(PinFile, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
#pragma warning restore CA1416
        {
            await pinFile.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Pin + "\n"), cancellationToken);
        }

        string securityOfficerPin = RandomNumberGenerator.GetHexString(24);
        await Tool.RunAsync(
            "softhsm2-util",
            ["--init-token", "--free", "--label", TokenLabel, "--so-pin", securityOfficerPin, "--pin", Pin],
            Environment,
            cancellationToken);
        await Tool.RunAsync(
            "cc",
            ["-shared", "-fPIC", "-O1", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-o", CompiledShim, ShimSource, "-ldl"],
            environment: null,
            cancellationToken);
        await File.WriteAllTextAsync(TokenLock, "", cancellationToken);
        _shim = CreateShim();
    }

    /// <summary>
    /// Makes one more token with the same PIN, for a deployment that must have one to itself (it has an anchor), and gives its label. A shim that is made from now on sees it.
    /// </summary>
    public async Task<string> AddTokenAsync(CancellationToken cancellationToken)
    {
        string label = $"sam-own-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

        // "--free" takes the one free slot there is.
        await _addingToken.WaitAsync(cancellationToken);
        try
        {
            await Tool.RunAsync(
                "softhsm2-util",
                ["--init-token", "--free", "--label", label, "--so-pin", RandomNumberGenerator.GetHexString(24), "--pin", Pin],
                Environment,
                cancellationToken);
        }
        finally
        {
            _addingToken.Release();
        }

        return label;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _addingToken.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    internal IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SOFTHSM2_CONF"] = ConfigPath };

    internal string LibraryPath { get; } = _libraryPaths.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("SoftHSM is needed by the tests and not installed (./dev test installs it).");

    internal string CompiledShim => Path.Combine(_folder, "softhsm_shim.so");

    internal string TokenLock => Path.Combine(_folder, "token.lock");

    private static string ShimSource => Path.Combine(AppContext.BaseDirectory, "Shim", "softhsm_shim.c");
}
