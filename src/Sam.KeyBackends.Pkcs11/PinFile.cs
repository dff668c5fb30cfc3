using System.Security.Cryptography;
using Sam.Core.Keys;

namespace Sam.KeyBackends.Pkcs11;

/// <summary>Reads the PIN. No message says more of it than the file's name.</summary>
internal static class PinFile
{
    internal static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, $"PinFile: '{path}' cannot be read: {failure.Message}", failure);
        }

        byte[] pin = content.AsSpan().Trim(" \t\r\n"u8).ToArray();
        CryptographicOperations.ZeroMemory(content);
        return pin.Length > 0 ? pin : throw new KeyBackendException(KeyBackendFailure.Rejected, $"PinFile: '{path}' holds no PIN.");
    }
}
