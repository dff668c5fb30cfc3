using System.Runtime.InteropServices;
using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Keys;

namespace Sam.KeyBackends.Pkcs11.Native;

/// <summary>
/// A loaded and initialised PKCS#11 library. C_Initialize and C_Finalize are per process, so all backends of one path share one module,
/// and the last to go finalizes it.
/// </summary>
internal sealed class NativeModule
{
    private static readonly Lock _gate = new();
    private static readonly Dictionary<string, NativeModule> _modules = [];

    private readonly string _path;
    private readonly bool _initializedHere;
    private int _users;

    static NativeModule() => NativeLibrary.SetDllImportResolver(typeof(Pkcs11Library).Assembly, FindLoader);

    private NativeModule(string path, Pkcs11Library functions, bool initializedHere)
    {
        _path = path;
        _initializedHere = initializedHere;
        Functions = functions;
        CK_INFO info = default;
        CkException.ThrowUnlessOk(functions.C_GetInfo(ref info), "C_GetInfo");
        Objects = new ObjectGate(Encoding.UTF8.GetString(info.ManufacturerId));
    }

    internal Pkcs11Library Functions { get; }

    internal ObjectGate Objects { get; }

    internal static NativeModule Acquire(string path)
    {
        if (IntPtr.Size != 8 || OperatingSystem.IsWindows())
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, "PKCS#11 modules are supported on 64-bit Linux and macOS only.");
        }

        lock (_gate)
        {
            if (!_modules.TryGetValue(path, out NativeModule? module))
            {
                module = Load(path);
                _modules.Add(path, module);
            }

            module._users++;
            return module;
        }
    }

    internal void Release()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return;
            }

            _modules.Remove(_path);
            if (_initializedHere)
            {
                Functions.C_Finalize(IntPtr.Zero);
            }

            Functions.Dispose();
        }
    }

    private static NativeModule Load(string path)
    {
        Pkcs11Library? functions = null;
        try
        {
            functions = new Pkcs11Library(path);
            CKR code = functions.C_Initialize(new CK_C_INITIALIZE_ARGS { Flags = CKF.CKF_OS_LOCKING_OK });

            // Another user of this library in this process has initialised it; then finalizing it is not ours either.
            bool initializedElsewhere = code == CKR.CKR_CRYPTOKI_ALREADY_INITIALIZED;
            if (!initializedElsewhere)
            {
                CkException.ThrowUnlessOk(code, "C_Initialize");
            }

            return new NativeModule(path, functions, !initializedElsewhere);
        }
        catch (Exception failure) when (failure is UnmanagedException or CkException or DllNotFoundException or EntryPointNotFoundException)
        {
            functions?.Dispose();
            throw new KeyBackendException(
                KeyBackendFailure.Rejected, $"ModulePath: the PKCS#11 module '{path}' cannot be loaded: {OneLine(failure.Message)}", failure);
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    // Pkcs11Interop 5.3.0 asks for "libdl"; Debian 12 has libdl.so.2 only, and musl has the functions in libc.
    private static IntPtr FindLoader(string name, System.Reflection.Assembly assembly, DllImportSearchPath? searchPath) =>
        name == "libdl" && OperatingSystem.IsLinux()
            && (NativeLibrary.TryLoad("libdl.so.2", out IntPtr library) || NativeLibrary.TryLoad("libc", out library))
            ? library
            : IntPtr.Zero;
}
