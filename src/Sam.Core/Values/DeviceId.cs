namespace Sam.Core.Values;

/// <summary>A signer's device. 16 random bytes, in hexadecimal.</summary>
public readonly record struct DeviceId
{
    private const int Bytes = 16;

    private DeviceId(string value) => Value = value;

    /// <summary>The id as text, lower-case.</summary>
    public string Value { get; }

    /// <summary>A fresh random id.</summary>
    public static DeviceId New() => new(RandomIds.New(Bytes));

    /// <summary>Takes an id in its one spelling; false for any other text.</summary>
    public static bool TryParse(string? text, out DeviceId id)
    {
        bool valid = text is not null && RandomIds.IsHex(text, Bytes);
        id = valid ? new DeviceId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
