using System.Text;
using System.Text.Json.Nodes;

namespace Sam.Tests.BadInput;

/// <summary>Makes bad requests of good ones: bytes that are changed without knowing what they are, and trees that are changed knowingly.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[][] _pieces =
    [
        "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), ","u8.ToArray(), ":"u8.ToArray(), "null"u8.ToArray(), "\\ud800"u8.ToArray(),
        "\\u0000"u8.ToArray(), "1e999"u8.ToArray(), "-0"u8.ToArray(), "NaN"u8.ToArray(), "/**/"u8.ToArray(), "\n"u8.ToArray(), [0], [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf],
        "[[[[[[[[[["u8.ToArray(), "\"hashes\":[]"u8.ToArray(), "\"SAD\":\"\""u8.ToArray(), "\"\\u0053AD\":\"\""u8.ToArray(), "=\""u8.ToArray(),
    ];

    private static readonly string[] _contentTypes =
    [
        "application/json", "application/json; charset=utf-8", "application/json; charset=utf-16", "application/cose+json", "text/plain", "", " ", "application/json,application/json",
        "application/", "/", "application/json; charset=\"", "application/json; =", ";", "\u00e4",
    ];

    private readonly Random _random = new(seed);

    internal int Next(int below) => _random.Next(below);

    internal string? ContentType() => _random.Next(20) == 0 ? _contentTypes[_random.Next(_contentTypes.Length)] : "application/json";

    /// <summary>Mostly what is true; sometimes nothing, too little, too much, or nonsense.</summary>
    internal long? Length(int length) => _random.Next(20) switch { 0 => null, 1 => 0, 2 => Math.Max(0, length - 1), 3 => length + 1, 4 => long.MaxValue, _ => length };

    internal byte[] Mutate(JsonObject valid)
    {
        byte[] bytes;
        if (_random.Next(2) == 0)
        {
            JsonObject tree = valid.DeepClone().AsObject();
            for (int changes = 1 + _random.Next(3); changes > 0; changes--)
            {
                ChangeTree(tree);
            }

            bytes = Encoding.UTF8.GetBytes(tree.ToJsonString());
            if (_random.Next(4) != 0)
            {
                return bytes;
            }
        }
        else
        {
            bytes = Encoding.UTF8.GetBytes(valid.ToJsonString());
        }

        for (int changes = 1 + _random.Next(4); changes > 0; changes--)
        {
            bytes = ChangeBytes(bytes);
        }

        return bytes;
    }

    private byte[] ChangeBytes(byte[] bytes)
    {
        int at = _random.Next(bytes.Length + 1);
        int length = Math.Min(_random.Next(1, 9), bytes.Length - at);
        switch (_random.Next(7))
        {
            case 0 when bytes.Length > 0:
                bytes[at % bytes.Length] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 2:
                return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            case 3:
                return bytes[..at];
            case 4:
                return [.. bytes, .. bytes[..Math.Min(bytes.Length, _random.Next(64))]];
            case 5:
                byte[] noise = new byte[_random.Next(1, 9)];
                _random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            default:
                return [.. bytes[..at], .. _pieces[_random.Next(_pieces.Length)], .. bytes[(at + (_random.Next(2) * length))..]];
        }
    }

    private void ChangeTree(JsonObject tree)
    {
        if (tree.Count == 0)
        {
            return;
        }

        (string name, JsonNode? value) = tree.ElementAt(_random.Next(tree.Count));
        switch (_random.Next(8))
        {
            case 0:
                _ = tree.Remove(name);
                break;
            case 1:
                tree[name] = null;
                break;
            case 2:
                tree[name] = Another();
                break;
            case 3:
                tree[name] = tree.ElementAt(_random.Next(tree.Count)).Value?.DeepClone();
                break;
            case 4 when value is JsonArray { Count: > 0 } array:
                array[_random.Next(array.Count)] = Another();
                break;
            case 5 when value is JsonArray array:
                array.Add(array.Count > 0 ? array[_random.Next(array.Count)]?.DeepClone() : Another());
                break;
            case 6 when value is JsonArray { Count: > 0 } array && array[0] is JsonObject inner:
                ChangeTree(inner);
                break;
            default:
                tree[value is JsonValue ? name.ToUpperInvariant() : name + "\u0301"] = value?.DeepClone();
                break;
        }
    }

    private JsonNode? Another() => _random.Next(12) switch
    {
        0 => string.Empty,
        1 => new string('A', 1 << _random.Next(14)),
        2 => Convert.ToBase64String(RandomBytes(_random.Next(70))),
        3 => _random.Next(-2, 12),
        4 => double.MaxValue,
        5 => true,
        6 => new JsonArray([.. Enumerable.Range(0, _random.Next(50)).Select(_ => (JsonNode)Convert.ToBase64String(RandomBytes(32)))]),
        7 => new JsonObject { ["id"] = "PIN", ["value"] = "x" },
        8 => new JsonArray(new JsonObject { ["id"] = "PIN", ["value"] = new string('1', _random.Next(300)) }),
        9 => "1.2.840.113549.1.1.10",
        10 => "\u0000\ud83d\ude00",
        _ => null,
    };

    private byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
