using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Sam.Api.Pipeline;
using Sam.Core.Officers;
using Sam.Tests.Architecture;
using Sam.Tests.Pipeline;
using Xunit;
using Document = Sam.Api.OpenApi.OpenApiDocument;

namespace Sam.Tests.OpenApi;

/// <summary>The OpenAPI document is made of the sources, checked in, and handed out as it stands there.</summary>
public sealed class OpenApiDocumentTests
{
    private const string File = "src/Sam.Api/OpenApi/sam.openapi.json";

    [Fact]
    public void The_document_is_what_the_sources_say()
    {
        string written = Document.Write(RouteTable.All);
        if (Environment.GetEnvironmentVariable("SAM_OPENAPI_WRITE") == "1")
        {
            System.IO.File.WriteAllText(Repository.PathOf(File), written);
            return;
        }

        Assert.True(written == Repository.Read(File), $"{File} is not what the sources say. ./dev openapi writes it; read the difference before you commit it.");
    }

    [Fact]
    public void Every_route_and_method_is_described() => Assert.Equal(
        RouteTable.All.SelectMany(r => r.Methods.Select(m => $"{m} {r.Path}")).Order(StringComparer.Ordinal),
        Operations().Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal));

    [Fact]
    public void A_route_without_a_description_stops_the_writing()
    {
        SamRoute route = new("nowhere", ["GET"], "/nowhere", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, (_, _) => throw new NotSupportedException());
        Assert.Contains("nowhere", Assert.Throws<InvalidOperationException>(() => Document.Write([.. RouteTable.All, route])).Message, StringComparison.Ordinal);
        Assert.Contains("healthz", Assert.Throws<InvalidOperationException>(() => Document.Write([.. RouteTable.All.Where(r => r.Name != "healthz")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_have_names_of_their_own() => Assert.Distinct(Operations().Select(o => o.Operation.GetProperty("operationId").GetString()));

    /// <summary>What the policy asks for is what the document says is to be shown.</summary>
    [Fact]
    public void Whoever_must_show_something_is_told_so() => Assert.All(RouteTable.All, route =>
    {
        string[] expected = route.Policy.Kind switch
        {
            CallerKind.Anybody => [],
            CallerKind.Officer => ["accessToken", "samProof"],
            _ when route.Name is "sam-officers-enrolment" or "sam-me-approvals" => ["accessToken", "samProof"],
            _ => ["accessToken"],
        };
        JsonElement security = Operations().First(o => o.Path == route.Path).Operation.GetProperty("security");
        Assert.Equal(expected, security.EnumerateArray().SelectMany(needed => needed.EnumerateObject().Select(p => p.Name)));
    });

    /// <summary>The one body that is read by types: what the types have is what the document says.</summary>
    [Fact]
    public void Changes_are_described_as_they_are_read()
    {
        JsonElement schema = JsonElement.Parse(Repository.Read(File)).GetProperty("components").GetProperty("schemas").GetProperty("OfficerChange");
        Assert.Equal(
            typeof(OfficerChange).GetCustomAttributes<JsonDerivedTypeAttribute>()
                .Select(kind => $"{kind.TypeDiscriminator}: {string.Join(' ', kind.DerivedType.GetConstructors().Single(c => c.GetParameters().Length > 0).GetParameters().Select(p => (p.HasDefaultValue ? "?" : "") + JsonNamingPolicy.CamelCase.ConvertName(p.Name!)))}"),
            schema.GetProperty("oneOf").EnumerateArray().Select(kind =>
            {
                string[] required = [.. kind.GetProperty("required").EnumerateArray().Select(name => name.GetString()!)];
                JsonProperty[] members = [.. kind.GetProperty("properties").EnumerateObject()];
                return $"{members[0].Value.GetProperty("enum")[0].GetString()}: {string.Join(' ', members.Skip(1).Select(m => (required.Contains(m.Name) ? "" : "?") + m.Name))}";
            }));
    }

    /// <summary>By the reader and the rules of a library that is not ours.</summary>
    [Fact]
    public async Task The_document_is_valid_OpenAPI_3_1()
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(Repository.Read(File)));
        ReadResult read = await LoadAsync(stream);
        Assert.Empty(read.Diagnostic!.Errors.Select(e => $"{e.Pointer}: {e.Message}"));
        Assert.Empty(read.Diagnostic.Warnings.Select(e => $"{e.Pointer}: {e.Message}"));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(RouteTable.All.DistinctBy(r => r.Path).Count(), read.Document!.Paths.Count);
    }

    [Fact]
    public async Task Anybody_gets_the_document()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        (int, int, int, int) before = bed.Touched();
        Answer answer = await bed.SendAsync("sam-openapi", string.Empty);
        Assert.Equal((200, Repository.Read(File)), (answer.Status, answer.Text));
        Assert.Equal("application/json;charset=UTF-8", answer.Headers.ContentType);
        Assert.Equal(before, bed.Touched());
        Assert.Equal(0, bed.Opened);
    }

    private static Task<ReadResult> LoadAsync(Stream stream) => Microsoft.OpenApi.OpenApiDocument.LoadAsync(stream, "json");

    private static IEnumerable<(string Method, string Path, JsonElement Operation)> Operations()
    {
        JsonElement document = JsonElement.Parse(Repository.Read(File));
        return document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(o => (o.Name.ToUpperInvariant(), path.Name, o.Value)));
    }
}
