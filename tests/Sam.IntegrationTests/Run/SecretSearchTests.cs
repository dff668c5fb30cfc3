using System.Text;
using Xunit;

namespace Sam.IntegrationTests.Run;

public sealed class SecretSearchTests
{
    private const string Secret = "kQ9zT4-wX7_pL2mV8sB6nH1cR5jD3gF0yA";

    private static readonly SecretSearch _search = new([KeyValuePair.Create(Secret, "PIN")]);

    public static TheoryData<string> Spellings() =>
    [
        Secret,
        Secret[3..19],
        "key=" + Secret[^16..] + "&",
        Convert.ToHexString(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes("xyz" + Secret)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"p\":\"" + Secret + "\"}")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"pi\":\"" + Secret + "\"}")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"pin\":\"" + Secret + "\"}")),
        Uri.EscapeDataString("a b" + Secret),
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_secret_is_found_however_it_is_spelt(string text) =>
        Assert.NotEmpty(_search.Find(new StringReader($"some line\n{text} and more"), "a.log"));

    [Fact]
    public void Fifteen_characters_and_other_texts_are_not_found()
    {
        Assert.Empty(_search.Find(new StringReader(Secret[..15] + " " + Secret[15..30]), "a.log"));
        Assert.Empty(_search.Find(new StringReader(new string('k', 100_000)), "a.log"));
    }

    [Fact]
    public void A_secret_is_found_across_the_edges_of_what_is_read_at_once() =>
        Assert.NotEmpty(_search.Find(new StringReader(new string('.', 65_530) + Secret), "a.log"));
}
