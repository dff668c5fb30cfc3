using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Results;

/// <summary>Makes results whose type the compiler cannot see from the value alone (interfaces).</summary>
public static class Result
{
    /// <summary>A result that holds a value.</summary>
    public static Result<T> Ok<T>(T value)
        where T : notnull => Result<T>.FromValue(value);
}

/// <summary>
/// Either a value or the <see cref="Results.Refusal"/> that stands in its place. What a caller may cause is refused by value;
/// exceptions are left for a broken world (storage away, HSM lying).
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct Result<T>
    where T : notnull
{
    private readonly T? _value;

    private Result(T? value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    /// <summary>Why there is no value; null when there is one.</summary>
    public Refusal? Refusal { get; }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is a refusal in its place.</exception>
    public T Value => Refusal is null && _value is not null
        ? _value
        : throw new InvalidOperationException($"No value: {Refusal?.Code.ToString() ?? "the result was never set"}.");

    /// <summary>Tells the two cases apart, and hands out the one there is.</summary>
    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [MaybeNullWhen(true)] out T value)
    {
        if (Refusal is null && _value is null)
        {
            throw new InvalidOperationException("The result was never set.");
        }

        refusal = Refusal;
        value = _value;
        return refusal is not null;
    }

    /// <summary>A result that holds a value.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    internal static Result<T> FromValue(T value) => new(value, null);

    /// <summary>A result that holds a refusal.</summary>
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);

    /// <summary>A result that holds a refusal without a parameter.</summary>
    public static implicit operator Result<T>(SamErrorCode code) => new(default, new Refusal(code));
}
