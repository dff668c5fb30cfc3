using System.Text;

namespace Sam.Core.Values;

/// <summary>A secret that a request brought along (a PIN, a SAD). It cannot print itself, so that no log, exception or debugger view shows it by accident.</summary>
public sealed class SecretText
{
    private readonly string _value;

    /// <summary>Takes the secret.</summary>
    public SecretText(string value) => _value = value;

    /// <summary>The number of UTF-16 characters.</summary>
    public int Length => _value.Length;

    /// <summary>The secret itself, for the one place that checks or delivers it.</summary>
    public string Reveal() => _value;

    /// <summary>The secret's UTF-8 bytes. The caller clears them.</summary>
    public byte[] RevealUtf8() => Encoding.UTF8.GetBytes(_value);

    /// <inheritdoc/>
    public override string ToString() => "(redacted)";
}
