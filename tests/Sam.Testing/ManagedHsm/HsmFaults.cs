using System.Text;

namespace Sam.Testing.ManagedHsm;

/// <summary>What HSMs and networks do to requests.</summary>
public static class HsmFaults
{
    /// <summary>It is carried out and answered.</summary>
    public static HsmFault None { get; } = exchange => exchange.AnswerAsync(exchange.CarryOut());

    /// <summary>The connection breaks, and the HSM has done nothing.</summary>
    public static HsmFault RequestLost { get; } = exchange =>
    {
        exchange.Reset();
        return Task.CompletedTask;
    };

    /// <summary>The HSM has done it; the connection breaks before its answer.</summary>
    public static HsmFault AnswerLost { get; } = exchange =>
    {
        exchange.CarryOut();
        exchange.Reset();
        return Task.CompletedTask;
    };

    /// <summary>Nothing comes back, and the HSM has done nothing.</summary>
    public static HsmFault RequestSilent { get; } = exchange => exchange.WaitUntilGivenUpAsync();

    /// <summary>The HSM has done it, and nothing comes back.</summary>
    public static HsmFault AnswerSilent { get; } = exchange =>
    {
        exchange.CarryOut();
        return exchange.WaitUntilGivenUpAsync();
    };

    /// <summary>Half of the answer comes.</summary>
    public static HsmFault Truncated { get; } = exchange => exchange.TruncateAsync(exchange.CarryOut());

    /// <summary>A success with a body that is none.</summary>
    public static HsmFault Garbled { get; } = exchange =>
    {
        exchange.CarryOut();
        return exchange.AnswerAsync(new HsmReply(200, "<html>Welcome</html>"u8.ToArray()));
    };

    /// <summary>A success with a body that does not end soon.</summary>
    public static HsmFault Endless { get; } = exchange =>
        exchange.AnswerAsync(new HsmReply(200, Encoding.ASCII.GetBytes($$"""{"kid":"x","value":"{{new string('A', 1_000_000)}}"}""")));

    /// <summary>The value is one byte short.</summary>
    public static HsmFault ShortValue { get; } = Changed(value => value[..^1]);

    /// <summary>One bit of the value is another.</summary>
    public static HsmFault FlippedBit { get; } = Changed(value =>
    {
        byte[] changed = [.. value];
        changed[^1] ^= 0x01;
        return changed;
    });

    /// <summary>The answer is another key's.</summary>
    public static HsmFault OtherKey { get; } = exchange =>
        exchange.AnswerAsync(exchange.CarryOut().With("kid", $"https://{FakeManagedHsm.ManagedHsmHost}/keys/other/0123456789abcdef0123456789abcdef"));

    /// <summary>The HSM refuses, and does nothing.</summary>
    public static HsmFault Refused(int status, string code, string? innerCode = null, string? retryAfter = null) =>
        exchange => exchange.AnswerAsync(HsmReply.Error(status, code, innerCode, retryAfter));

    /// <summary>Something that is not the HSM answers with a status.</summary>
    public static HsmFault Foreign(int status) => exchange => exchange.AnswerAsync(new HsmReply(status, "no such site"u8.ToArray()));

    /// <summary>The HSM sends the client elsewhere.</summary>
    public static HsmFault Redirected(string location) => exchange =>
    {
        exchange.Redirect(location);
        return Task.CompletedTask;
    };

    /// <summary>The HSM takes its time, until this is done.</summary>
    public static HsmFault HeldUntil(Task released) => async exchange =>
    {
        await released;
        await exchange.AnswerAsync(exchange.CarryOut());
    };

    private static HsmFault Changed(Func<byte[], byte[]> change) => exchange => exchange.AnswerAsync(exchange.CarryOut().WithValue(change));
}
