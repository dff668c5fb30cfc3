namespace Sam.Core.Randomness;

/// <summary>A source of random bytes gives none that are good enough: nothing that needs them is issued any more in this process (SYS-2).</summary>
public sealed class RandomnessException : Exception
{
    internal RandomnessException(string message)
        : base(message)
    {
    }
}
