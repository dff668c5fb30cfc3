using System.Text.Json.Nodes;
using Sam.Testing.Run;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.BadInput;

/// <summary>Every parameter of every method, one at a time, absent and as everything that it is not: each is refused before anything is read, and the refusal says which.</summary>
public sealed class ParameterTests
{
    private static readonly Dictionary<string, string[]> _required = new(StringComparer.Ordinal)
    {
        ["v2-credentials-list"] = ["userID"],
        ["v2-credentials-info"] = ["credentialID"],
        ["v2-credentials-authorize"] = ["credentialID", "numSignatures", "hashes", "hashAlgorithmOID", "authData"],
        ["v2-signatures-signHash"] = ["credentialID", "SAD", "hashes", "signAlgo"],
    };

    // By kind: what no parameter of another kind may be. "Huge" and "deep" are of a kind that is allowed somewhere.
    private static readonly (char Kind, string Json)[] _values =
    [
        ('s', "\"\""), ('s', "\" \""), ('s', "\"\\u0000\""), ('s', "\"\\ud800\""), ('s', "\"" + new string('x', 1_048_576) + "\""),
        ('n', "0"), ('n', "-1"), ('n', "2147483648"), ('n', "1e999"), ('n', "1.5"),
        ('b', "true"), ('b', "false"),
        ('o', "{}"), ('o', """{"id":"PIN","value":"x"}"""), ('o', """{"a":{"b":{"c":{"d":{}}}}}"""),
        ('a', "[]"), ('a', "[null]"), ('a', "[[]]"), ('a', "[0]"), ('a', "[{}]"), ('a', "[[[[[[]]]]]]"),
        ('a', "[" + string.Join(',', Enumerable.Repeat("\"AA==\"", 100_000)) + "]"), ('a', "[" + string.Join(',', Enumerable.Repeat("{}", 100_000)) + "]"),
    ];

    private static readonly Dictionary<string, char> _kinds = new(StringComparer.Ordinal)
    {
        ["numSignatures"] = 'n',
        ["hashes"] = 'a',
        ["authData"] = 'a',
        ["credentialInfo"] = 'b',
        ["certInfo"] = 'b',
        ["authInfo"] = 'b',
        ["onlyValid"] = 'b',
    };

    [Fact]
    public async Task A_parameter_that_is_absent_or_of_another_type_is_refused_before_anything_is_read()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(o => o.MaxBodyBytes = 4 * 1_048_576);
        CscRequests requests = await CscRequests.OpenAsync(bed);
        int tried = 0;
        foreach (string route in CscRequests.Routes)
        {
            JsonObject valid = await requests.ValidAsync(route);
            foreach (string name in valid.Select(member => member.Key).ToList())
            {
                bool isRequired = _required[route].Contains(name);
                foreach (string? json in (string?[])[null, "null", .. _values.Where(v => v.Kind != _kinds.GetValueOrDefault(name, 's')).Select(v => v.Json)])
                {
                    (int Rows, int Audit, int Signatures, int PinChecks) before = bed.Touched();
                    Answer answer = await bed.SendAsync(route, With(valid, name, json));
                    tried++;
                    if ((json is null or "null") && !isRequired)
                    {
                        Assert.True(answer.Status == 200, $"{route} without {name}: {answer.Text}");
                        valid = await requests.ValidAsync(route);
                    }
                    else if (json is null or "null")
                    {
                        Refused(answer, route, name, json);
                    }
                    else
                    {
                        Refused(answer, route, name, json);
                        Assert.Equal(before, bed.Touched());
                    }
                }
            }
        }

        TestReport.Add("wrong parameters", $"{tried} requests, each with one parameter absent, null or of another type");
    }

    [Fact]
    public async Task A_parameter_of_the_right_type_may_hold_anything_and_breaks_nothing()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(o => o.MaxBodyBytes = 4 * 1_048_576);
        CscRequests requests = await CscRequests.OpenAsync(bed);
        int tried = 0;
        foreach (string route in CscRequests.Routes)
        {
            JsonObject valid = await requests.ValidAsync(route);
            foreach (string name in valid.Select(member => member.Key).ToList())
            {
                foreach ((_, string json) in _values.Where(v => v.Kind == _kinds.GetValueOrDefault(name, 's')))
                {
                    Answer answer = await bed.SendAsync(route, With(valid, name, json));
                    tried++;
                    Assert.True(answer.Status is 200 or 400, $"{route} {name}: {answer.Status} {answer.Text}");
                    Assert.True(answer.Status == 200 || answer.Error is not null, answer.Text);
                }

                await requests.RenewPinAsync();
                valid = await requests.ValidAsync(route);
            }
        }

        TestReport.Add("odd parameters", $"{tried} requests, each with one parameter empty, huge, deep or out of its bounds");
    }

    /// <summary>What other credentials ask for: the credential is read, and nothing is counted or signed.</summary>
    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[{"id":"DEVICE"}]""")]
    [InlineData("""[{"id":"OTP","value":"1"}]""")]
    [InlineData("""[{"id":"PIN","value":"1"},{"id":"OTP","value":"1"}]""")]
    [InlineData("""[{"id":"PIN","value":"1"},{"id":"DEVICE-ANSWER","value":"1"}]""")]
    public async Task A_factor_that_was_not_asked_for_costs_no_attempt(string authData)
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        CscRequests requests = await CscRequests.OpenAsync(bed);
        JsonObject valid = await requests.ValidAsync("v2-credentials-authorize");
        (_, _, int signatures, int pinChecks) = bed.Touched();

        Answer answer = await bed.SendAsync("v2-credentials-authorize", With(valid, "authData", authData));

        answer.Is(400, "invalid_authentication_data");
        (_, _, int signaturesAfter, int pinChecksAfter) = bed.Touched();
        Assert.Equal((signatures, pinChecks), (signaturesAfter, pinChecksAfter));
    }

    [Theory]
    [InlineData("""[{"id":"PIN"}]""")]
    [InlineData("""[{"value":"1"}]""")]
    [InlineData("""[{"id":null,"value":"1"}]""")]
    [InlineData("""[{"id":"PIN","value":null}]""")]
    [InlineData("""[{"id":"PIN","value":1}]""")]
    [InlineData("""[{"id":1,"value":"1"}]""")]
    [InlineData("""[{"id":"PIN","value":""}]""")]
    [InlineData("""[{"id":"pin","value":"1"}]""")]
    [InlineData("""[{"id":"PIN","value":["1"]}]""")]
    [InlineData("""[{"id":"PIN","value":"1"},{"id":"PIN","value":"1"}]""")]
    [InlineData("""[{"id":"PIN","value":"1"},{"id":"DEVICE"}]""")]
    [InlineData("""[{"id":"DEVICE","value":"1"}]""")]
    public async Task A_factor_in_another_form_costs_no_attempt(string authData)
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        CscRequests requests = await CscRequests.OpenAsync(bed);
        JsonObject valid = await requests.ValidAsync("v2-credentials-authorize");
        (int Rows, int Audit, int Signatures, int PinChecks) before = bed.Touched();

        Answer answer = await bed.SendAsync("v2-credentials-authorize", With(valid, "authData", authData));

        answer.Is(400, "invalid_authentication_data");
        Assert.Equal(before, bed.Touched());
    }

    /// <summary>Text and not a tree: what a tree cannot hold (half a surrogate pair, a number beyond all bounds) is sent, too.</summary>
    private static string With(JsonObject valid, string name, string? json) =>
        "{" + string.Join(',', valid.Where(m => m.Key != name).Select(m => $"\"{m.Key}\":{m.Value!.ToJsonString()}").Concat(json is null ? [] : [$"\"{name}\":{json}"])) + "}";

    private static void Refused(Answer answer, string route, string name, string? json) =>
        Assert.True(
            (answer.Status, answer.Error) is (400, "invalid_request" or "invalid_authentication_data"),
            $"{route} with {name}: {json?[..Math.Min(json.Length, 40)]} answers {answer.Status} {answer.Text}");
}
