using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Factors;

/// <summary>
/// By which factors the use of a key is authorized (ACT-1, ACT-2). The table is closed. A login is a factor at level 1 only: from level 2 on, key authorization stands apart from it.
/// </summary>
public sealed class KeyAuthorization
{
    private KeyAuthorization(string name, int highestLevel, bool needsPin = false, bool needsTotp = false, bool needsDevice = false, bool needsLogin = false)
    {
        Name = name;
        HighestLevel = highestLevel;
        NeedsPin = needsPin;
        NeedsTotp = needsTotp;
        NeedsDevice = needsDevice;
        NeedsLogin = needsLogin;
    }

    /// <summary>The signer's own login, fresh (security decision 14).</summary>
    public static KeyAuthorization Login { get; } = new("login", highestLevel: 1, needsLogin: true);

    /// <summary>The signer's PIN.</summary>
    public static KeyAuthorization Pin { get; } = new("pin", highestLevel: 1, needsPin: true);

    /// <summary>The signer's PIN, and a one-time password of their authenticator app: something they know, and something they have. Neither binds hashes.</summary>
    public static KeyAuthorization PinAndTotp { get; } = new("pin+totp", highestLevel: 3, needsPin: true, needsTotp: true);

    /// <summary>Approval on the signer's device.</summary>
    public static KeyAuthorization Device { get; } = new("device", highestLevel: 1, needsDevice: true);

    /// <summary>Approval on the signer's device, with their PIN: something they have, and something they know.</summary>
    public static KeyAuthorization DeviceAndPin { get; } = new("device+pin", highestLevel: 3, needsPin: true, needsDevice: true);

    /// <summary>All members.</summary>
    public static IReadOnlyList<KeyAuthorization> All { get; } = [Login, Pin, PinAndTotp, Device, DeviceAndPin];

    /// <summary>The name in requests and rows.</summary>
    public string Name { get; }

    /// <summary>The highest level that these factors are enough for.</summary>
    public int HighestLevel { get; }

    /// <summary>Whether the PIN is one of them.</summary>
    public bool NeedsPin { get; }

    /// <summary>Whether a one-time password is.</summary>
    public bool NeedsTotp { get; }

    /// <summary>Whether the device is. Its key signs the hashes, so that nothing else can be signed (security decisions 9 and 10).</summary>
    public bool NeedsDevice { get; }

    /// <summary>Whether the login is.</summary>
    public bool NeedsLogin { get; }

    /// <summary>What a credential of this level has unless told otherwise.</summary>
    public static KeyAuthorization DefaultOf(int level) => level == 1 ? Pin : DeviceAndPin;

    /// <summary>Finds a member by its name; false for any other text.</summary>
    public static bool TryFromName(string? name, [NotNullWhen(true)] out KeyAuthorization? authorization)
    {
        authorization = All.FirstOrDefault(a => a.Name == name);
        return authorization is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
