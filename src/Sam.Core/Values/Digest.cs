using System.Diagnostics.CodeAnalysis;
using Sam.Core.Algorithms;

namespace Sam.Core.Values;

/// <summary>One digest to be signed (DTBS/R): its algorithm and exactly as many bytes as that algorithm gives.</summary>
public sealed class Digest : IEquatable<Digest>
{
    private readonly byte[] _value;

    private Digest(HashAlgorithm algorithm, byte[] value)
    {
        Algorithm = algorithm;
        _value = value;
    }

    /// <summary>The hash algorithm.</summary>
    public HashAlgorithm Algorithm { get; }

    /// <summary>The digest's bytes.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>The digest's bytes, for callers across an await.</summary>
    public ReadOnlyMemory<byte> Memory => _value;

    /// <summary>Takes a copy of a digest whose length is the algorithm's; false for any other length.</summary>
    public static bool TryCreate(HashAlgorithm algorithm, ReadOnlySpan<byte> value, [NotNullWhen(true)] out Digest? digest)
    {
        digest = value.Length == algorithm.SizeInBytes ? new Digest(algorithm, value.ToArray()) : null;
        return digest is not null;
    }

    /// <summary>Equal algorithm and bytes. A digest is no secret: it travels in the clear of the request.</summary>
    public bool Equals(Digest? other) =>
        other is not null && ReferenceEquals(Algorithm, other.Algorithm) && Value.SequenceEqual(other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Digest);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_value, 0);

    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm}:{Convert.ToHexStringLower(_value)}";
}
