using System.Diagnostics.CodeAnalysis;

namespace Sam.Cli.Http;

/// <summary>What a SAM answered: a value, or the refusal in its place.</summary>
internal sealed class SamReply<T>
    where T : class
{
    private readonly T? _value;
    private readonly SamRefusal? _refusal;

    internal SamReply(T value) => _value = value;

    internal SamReply(SamRefusal refusal) => _refusal = refusal;

    /// <summary>Tells the two apart.</summary>
    internal bool IsRefused([NotNullWhen(true)] out SamRefusal? refusal)
    {
        refusal = _refusal;
        return refusal is not null;
    }

    /// <summary>The value.</summary>
    /// <exception cref="CommandFailure">It was refused; the message is <c>error: error_description</c>.</exception>
    internal T OrFail() => _value ?? throw new CommandFailure(_refusal!.ToString());
}
