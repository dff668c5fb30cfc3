namespace Sam.Core.Algorithms;

/// <summary>Object identifiers that name a scheme or a key without its hash (CSC API 2.0 clauses 7.5 and 11.10).</summary>
public static class AlgorithmOids
{
    /// <summary>rsaEncryption: PKCS#1 v1.5 with the hash named by <c>hashAlgorithmOID</c>.</summary>
    public const string Rsa = "1.2.840.113549.1.1.1";

    /// <summary>id-RSASSA-PSS: everything else stands in <c>signAlgoParams</c>.</summary>
    public const string RsaPss = "1.2.840.113549.1.1.10";
}
