using System.Globalization;
using System.Text;
using Sam.Api.Pipeline;
using Sam.Core.Results;
using Xunit;

namespace Sam.Tests.Pipeline;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-1", -1)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("-2147483648", int.MinValue)]
    public void A_whole_number_of_32_bits_is_read(string number, int expected)
    {
        using JsonBody body = Parse($$"""{"n":{{number}}}""");
        Assert.Equal(expected, body.RequiredInteger("n").Value);
        Assert.Equal(expected, body.OptionalInteger("n").Value.Value);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.5")]
    [InlineData("1e0")]
    [InlineData("10E-1")]
    [InlineData("0.0")]
    [InlineData("-0.0")]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    [InlineData("4294967297")]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("1e-400")]
    [InlineData("100000000000000000000000000000000000000000001")]
    [InlineData("\"1\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public void Another_number_or_another_type_is_no_integer(string value)
    {
        using JsonBody body = Parse($$"""{"n":{{value}}}""");
        Refusal refusal = new(SamErrorCode.IntegerParameterMissing, "n");
        Assert.Equal(refusal, body.RequiredInteger("n").Refusal);
        Assert.Equal(refusal, body.OptionalInteger("n").Refusal);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("0x1")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-")]
    public void What_JSON_does_not_call_a_number_refuses_the_body(string number) => Malformed($$"""{"n":{{number}}}""");

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"b":2,"a":3}""")]
    [InlineData("""{"a":null,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"\u0061":1,"\u0061":2}""")]
    [InlineData("""{"":1,"":2}""")]
    [InlineData("""{"山":1,"\u5c71":2}""")]
    [InlineData("""{"\ud83d\ude00":1,"😀":2}""")]
    [InlineData("""{"x":{"a":1,"a":2}}""")]
    [InlineData("""{"x":[{"y":{"a":1,"\u0061":2}}]}""")]
    public void A_member_named_twice_refuses_the_body(string json) => Malformed(json);

    [Fact]
    public void Names_in_another_case_are_other_names()
    {
        using JsonBody body = Parse("""{"sad":"b","SAD":"a"}""");
        Assert.Equal("a", body.RequiredString("SAD").Value);
        Assert.False(body.Has("Sad"));
    }

    [Fact]
    public void An_escaped_name_is_the_same_name()
    {
        using JsonBody body = Parse("""{"\u0053AD":"a\u0062"}""");
        Assert.Equal("ab", body.RequiredString("SAD").Value);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    [InlineData(10_000, false)]
    public void Eight_levels_are_read_also_where_nobody_looks(int depth, bool isRead)
    {
        foreach ((string open, string close) in new[] { ("{\"x\":", "}"), ("[", "]") })
        {
            string inner = string.Concat(Enumerable.Repeat(open, depth - 1)) + "1" + string.Concat(Enumerable.Repeat(close, depth - 1));
            Assert.Equal(isRead, Result($$"""{"ignored":{{inner}}}""").Refusal is null);
        }
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\\udc00")]
    [InlineData("\\ud800\\ud800")]
    [InlineData("\\udc00\\ud800")]
    [InlineData("a\\ud83dz")]
    public void Half_a_surrogate_pair_is_no_text(string text)
    {
        using JsonBody body = Parse($$"""{"s":"{{text}}","a":["{{text}}"],"ok":"\ud83d\ude00"}""");
        Assert.Equal(new Refusal(SamErrorCode.StringParameterMissing, "s"), body.RequiredString("s").Refusal);
        Assert.Equal(new Refusal(SamErrorCode.StringParameterMissing, "s"), body.OptionalString("s").Refusal);
        Assert.Equal(new Refusal(SamErrorCode.ArrayParameterMissing, "a"), body.RequiredStrings("a").Refusal);
        Assert.Equal("😀", body.RequiredString("ok").Value);
    }

    /// <summary>Whichever of the two it is, it is not an error of the service.</summary>
    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"\ud800":1,"\ud800":2}""")]
    [InlineData("""{"s":"a","\udfff":1}""")]
    [InlineData("""{"\ud800":{"\ud800":1},"s":"a"}""")]
    public void A_name_with_half_a_surrogate_pair_refuses_the_body(string json) => Malformed(json);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("[{}]")]
    [InlineData("\"{}\"")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{}{}")]
    [InlineData("{}\0")]
    [InlineData("{} x")]
    [InlineData("{},")]
    [InlineData("{}//")]
    [InlineData("/**/{}")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{a:1}""")]
    [InlineData("""{'a':1}""")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"a\":\"\\x41\"}")]
    [InlineData("\uFEFF{}")]
    [InlineData("\u00A0{}")]
    public void What_is_no_JSON_object_or_more_than_one_is_refused(string json) => Malformed(json);

    [Fact]
    public void Other_encodings_than_UTF8_are_refused()
    {
        Malformed(Encoding.Unicode.GetBytes("{}"));
        Malformed(Encoding.BigEndianUnicode.GetBytes("{}"));
        Malformed(Encoding.UTF32.GetBytes("{}"));
        Malformed([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("{}")]);
    }

    [Theory]
    [InlineData("ff")]
    [InlineData("c0af")]
    [InlineData("eda080")]
    [InlineData("f4908080")]
    [InlineData("e5b1")]
    public void Bytes_that_are_no_UTF8_refuse_the_body_also_where_nobody_looks(string hex)
    {
        Malformed([.. "{\"ignored\":\""u8, .. Convert.FromHexString(hex), .. "\"}"u8]);
        Malformed([.. "{\""u8, .. Convert.FromHexString(hex), .. "\":1}"u8]);
    }

    [Fact]
    public void White_space_around_the_object_is_nothing() => Assert.Null(Result("\r\n\t {} \r\n\t").Refusal);

    [Fact]
    public void Huge_numbers_of_members_are_read_and_a_repetition_among_them_is_found()
    {
        const int Members = 30_000;
        string members = string.Join(',', Enumerable.Range(0, Members).Select(i => $"\"{i.ToString("x", CultureInfo.InvariantCulture)}\":{i}"));
        using JsonBody body = Parse($"{{{members}}}");
        Assert.Equal(Members - 1, body.RequiredInteger((Members - 1).ToString("x", CultureInfo.InvariantCulture)).Value);
        Malformed($"{{{members},\"0\":1}}");
        Malformed($"{{{members},\"\\u0030\":1}}");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"x":null}""")]
    public void Null_is_as_good_as_absent(string json)
    {
        using JsonBody body = Parse(json);
        Assert.False(body.Has("x"));
        Assert.Null(body.OptionalString("x").Value.Value);
        Assert.Null(body.OptionalInteger("x").Value.Value);
        Assert.False(body.OptionalBoolean("x").Value);
        Assert.Empty(body.OptionalObjects("x").Value);
        Assert.Equal(new Refusal(SamErrorCode.StringParameterMissing, "x"), body.RequiredString("x").Refusal);
        Assert.Equal(new Refusal(SamErrorCode.IntegerParameterMissing, "x"), body.RequiredInteger("x").Refusal);
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, "x"), body.RequiredBoolean("x").Refusal);
        Assert.Equal(new Refusal(SamErrorCode.ArrayParameterMissing, "x"), body.RequiredStrings("x").Refusal);
    }

    [Theory]
    [InlineData("\"true\"")]
    [InlineData("1")]
    [InlineData("0")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    public void Only_true_and_false_are_booleans(string value)
    {
        using JsonBody body = Parse($$"""{"b":{{value}},"yes":true,"no":false}""");
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, "b"), body.OptionalBoolean("b").Refusal);
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, "b"), body.RequiredBoolean("b").Refusal);
        Assert.True(body.RequiredBoolean("yes").Value);
        Assert.False(body.RequiredBoolean("no").Value);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("[null]")]
    [InlineData("[{},1]")]
    [InlineData("[[]]")]
    public void Objects_stand_in_an_array_of_objects_only(string value)
    {
        using JsonBody body = Parse($$"""{"o":{{value}}}""");
        Assert.Equal(new Refusal(SamErrorCode.ArrayParameterMissing, "o"), body.OptionalObjects("o").Refusal);
    }

    [Fact]
    public void Objects_in_an_array_are_read_as_strictly()
    {
        using JsonBody body = Parse("""{"o":[{"id":"PIN","n":1.0},{}]}""");
        IReadOnlyList<JsonBody> objects = body.OptionalObjects("o").Value;
        Assert.Equal("PIN", objects[0].RequiredString("id").Value);
        Assert.NotNull(objects[0].RequiredInteger("n").Refusal);
        Assert.False(objects[1].Has("id"));
    }

    private static Result<JsonBody> Result(string json) => JsonBody.Parse(Encoding.UTF8.GetBytes(json));

    private static JsonBody Parse(string json) => Result(json).Value;

    private static void Malformed(string json) => Malformed(Encoding.UTF8.GetBytes(json));

    private static void Malformed(byte[] json) => Assert.Equal(SamErrorCode.BodyMalformed, JsonBody.Parse(json).Refusal?.Code);
}
