using Sam.Core.Certificates;

namespace Sam.Core.Credentials;

/// <summary>A certification request, and what an officer compares before it leaves.</summary>
/// <param name="Request">PKCS#10, DER.</param>
/// <param name="Comparison">What was registered, what is in the request, and whether they match.</param>
public sealed record MadeRequest(ReadOnlyMemory<byte> Request, RequestComparison Comparison);
