using System.Globalization;
using System.Text.Json;

namespace Sam.Testing.Tables;

/// <summary>What networks and services do to requests.</summary>
public static class TableFaults
{
    /// <summary>It passes.</summary>
    public static TableFault None { get; } = async exchange => await exchange.AnswerAsync(await exchange.ForwardAsync());

    /// <summary>The connection breaks before the service has the request.</summary>
    public static TableFault RequestLost { get; } = exchange =>
    {
        exchange.Reset();
        return Task.CompletedTask;
    };

    /// <summary>The service has carried it out; the connection breaks before its answer.</summary>
    public static TableFault AnswerLost { get; } = async exchange =>
    {
        await exchange.ForwardAsync();
        exchange.Reset();
    };

    /// <summary>
    /// The service has carried it out; then the connection is closed in good order, as by a server that restarts, without an answer.
    /// Clients take this for a kept connection that had become idle, and like to send again.
    /// </summary>
    public static TableFault AnswerUnsaid { get; } = async exchange =>
    {
        await exchange.ForwardAsync();
        await exchange.CloseAsync();
    };

    /// <summary>The request gets nowhere, and nobody says so.</summary>
    public static TableFault RequestSilent { get; } = exchange => exchange.WaitUntilGivenUpAsync();

    /// <summary>The service has carried it out, and its answer gets nowhere.</summary>
    public static TableFault AnswerSilent { get; } = async exchange =>
    {
        await exchange.ForwardAsync();
        await exchange.WaitUntilGivenUpAsync();
    };

    /// <summary>The network delivers it twice, and the client sees the second answer.</summary>
    public static TableFault Twice { get; } = async exchange =>
    {
        await exchange.ForwardAsync();
        await exchange.AnswerAsync(await exchange.ForwardAsync());
    };

    /// <summary>The network delivers it twice, and the client sees the first answer.</summary>
    public static TableFault TwiceAnsweredOnce { get; } = async exchange =>
    {
        TableAnswer first = await exchange.ForwardAsync();
        await exchange.ForwardAsync();
        await exchange.AnswerAsync(first);
    };

    /// <summary>The connection breaks when the service has half of the request.</summary>
    public static TableFault RequestCutOff { get; } = async exchange =>
    {
        await exchange.ForwardHalfAsync();
        exchange.Reset();
    };

    /// <summary>Half of the answer's body comes, then the connection breaks. An answer without a body is lost.</summary>
    public static TableFault Truncated { get; } = async exchange => await exchange.TruncateAsync(await exchange.ForwardAsync());

    /// <summary>The service refuses, and carries nothing out.</summary>
    public static TableFault Refused(int status, string code) => exchange => exchange.AnswerAsync(Error(status, code));

    /// <summary>The service has carried it out and says that it failed.</summary>
    public static TableFault DoneButRefused(int status, string code) => async exchange =>
    {
        await exchange.ForwardAsync();
        await exchange.AnswerAsync(Error(status, code));
    };

    /// <summary>It takes longer.</summary>
    public static TableFault Delayed(TimeSpan delay) => async exchange =>
    {
        await exchange.DelayAsync(delay);
        await exchange.AnswerAsync(await exchange.ForwardAsync());
    };

    /// <summary>The answer's Date is wrong by this much.</summary>
    public static TableFault Misdated(TimeSpan error) => async exchange =>
    {
        TableAnswer answer = await exchange.ForwardAsync();
        await exchange.AnswerAsync(answer.With("Date", date =>
            (DateTimeOffset.ParseExact(date, "r", CultureInfo.InvariantCulture) + error).ToString("r", CultureInfo.InvariantCulture)));
    };

    /// <summary>It waits at a barrier before the service has it, and is delivered then, also when the client has given up meanwhile.</summary>
    public static TableFault HeldAt(TableBarrier barrier) => async exchange =>
    {
        await exchange.WaitAtAsync(barrier);
        await exchange.AnswerAsync(await exchange.ForwardAsync());
    };

    /// <summary>It is delivered and answered, and waits at a barrier to be delivered once more.</summary>
    public static TableFault TwiceTheSecondAt(TableBarrier barrier) => async exchange =>
    {
        await exchange.AnswerAndGoOnAsync(await exchange.ForwardAsync());
        await exchange.WaitAtAsync(barrier);
        await exchange.ForwardAsync();
    };

    private static TableAnswer Error(int status, string code) => new(
        status,
        [new("Content-Type", "application/json"), new("x-ms-error-code", code)],
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["odata.error"] = new { code, message = new { lang = "en-US", value = "Refused on the way." } },
        }));
}
