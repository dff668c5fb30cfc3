namespace Sam.Testing.Hsm;

/// <summary>What a <see cref="Pkcs11Shim"/> can do instead of, before or after a call.</summary>
public sealed class ShimFault
{
    private ShimFault(string text) => Text = text;

    /// <summary>One bit of the signature is another one.</summary>
    public static ShimFault Flip { get; } = new("flip");

    /// <summary>The session is closed before the call.</summary>
    public static ShimFault CloseSession { get; } = new("close");

    /// <summary>The application is logged out before the call.</summary>
    public static ShimFault LogOut { get; } = new("logout");

    /// <summary>The call waits until the fault is cleared, at most two minutes. To be injected with <c>always</c>.</summary>
    public static ShimFault Hang { get; } = new("hang 120000");

    /// <summary>The call is made, and its answer waits until the fault is cleared, at most two minutes. To be injected with <c>always</c>.</summary>
    public static ShimFault Linger { get; } = new("linger 120000");

    internal string Text { get; }

    /// <summary>The first so many calls wait until the fault is cleared, at most two minutes; later ones pass. To be injected with <c>always</c>.</summary>
    public static ShimFault Hold(int calls) => new($"hold {calls}");

    /// <summary>The call is answered with this CKR_* code; SoftHSM is not asked.</summary>
    public static ShimFault Fail(ulong code) => new($"fail 0x{code:x}");

    /// <summary>The call is made, and answered with this CKR_* code all the same.</summary>
    public static ShimFault Lose(ulong code) => new($"lose 0x{code:x}");

    /// <summary>The call is made after this time.</summary>
    public static ShimFault Delay(TimeSpan time) => new($"delay {(long)time.TotalMilliseconds}");

    /// <summary>As a test's row shows it.</summary>
    public override string ToString() => Text;
}
