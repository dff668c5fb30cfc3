using System.Security.Cryptography.X509Certificates;
using Sam.Api.Csc;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Csc;

public sealed class DistinguishedNameTextTests
{
    public static TheoryData<string> Names => [.. TestVector.NamesIn("distinguished-name")];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_written_by_RFC_4514(string name)
    {
        TestVector vector = TestVector.Read("distinguished-name", name);
        Assert.Equal(vector.Expect, DistinguishedNameText.Of(new X500DistinguishedName(vector.Bytes("der"))));
    }
}
