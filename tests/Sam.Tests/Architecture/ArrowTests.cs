using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sam.Core;
using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>Who may know whom.</summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> _arrows = new(StringComparer.Ordinal)
    {
        ["Sam.Core"] = [],
        ["Sam.Api"] = ["Sam.Core"],
        ["Sam.Storage.Tables"] = ["Sam.Core"],
        ["Sam.KeyBackends.Pkcs11"] = ["Sam.Core"],
        ["Sam.KeyBackends.ManagedHsm"] = ["Sam.Core"],
        ["Sam.LocalHost"] = ["Sam.Api", "Sam.Storage.Tables", "Sam.KeyBackends.Pkcs11"],
        ["Sam.Functions"] = ["Sam.Api", "Sam.Storage.Tables", "Sam.KeyBackends.ManagedHsm", "Sam.KeyBackends.Pkcs11"],
        ["Sam.Cli"] = ["Sam.Core"],
    };

    // A package of one technology stays in the project that is named after it: what others could reach past their interface, they would.
    private static readonly (string Package, string[] Owners)[] _owned =
    [
        ("Pkcs11Interop", ["Sam.KeyBackends.Pkcs11"]),
        ("BouncyCastle", ["Sam.Api"]),
        ("Azure.Data.Tables", ["Sam.Storage.Tables", "Sam.Cli"]),
        ("Azure.Security.KeyVault", ["Sam.Functions"]),
        ("Microsoft.Azure.Functions", ["Sam.Functions"]),
        ("jose-jwt", ["Sam.Cli"]),
        ("System.CommandLine", ["Sam.Cli"]),
        ("Spectre.Console", ["Sam.Cli"]),
    ];

    public static TheoryData<string> Products() => [.. Repository.Files("src", ".csproj")];

    [Theory]
    [MemberData(nameof(Products))]
    public void A_project_references_only_what_its_arrows_allow(string project)
    {
        Assert.True(_arrows.TryGetValue(NameOf(project), out string[]? allowed), $"{NameOf(project)} has no arrows yet: a project earns its place, and a line here.");
        Assert.Subset(allowed.ToHashSet(StringComparer.Ordinal), References(project, "ProjectReference").Select(NameOf).ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void A_package_is_used_by_its_owners_only(string project) =>
        Assert.DoesNotContain(References(project, "PackageReference"), package =>
            _owned.Any(o => package.StartsWith(o.Package, StringComparison.Ordinal) && !o.Owners.Contains(NameOf(project))));

    [Fact]
    public void The_domain_references_nothing_but_the_base_class_library()
    {
        const string Core = "src/Sam.Core/Sam.Core.csproj";
        Assert.Equal("Microsoft.NET.Sdk", XDocument.Load(Repository.PathOf(Core)).Root!.Attribute("Sdk")!.Value);
        Assert.Empty(new[] { "ProjectReference", "PackageReference", "FrameworkReference", "Reference" }.SelectMany(kind => References(Core, kind)));
        Assert.All(typeof(ActivationModule).Assembly.GetReferencedAssemblies(), name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Csc", "Admin")]
    [InlineData("Admin", "Csc")]
    public void The_two_APIs_do_not_use_each_other(string one, string other) =>
        Assert.Empty(Repository.Sources(productsOnly: true)
            .Where(source => source.Path.StartsWith($"src/Sam.Api/{one}/", StringComparison.Ordinal))
            .SelectMany(source => source.FindInCode(new Regex($@"\bSam\.Api\.{other}\b|^namespace (?!Sam\.Api\.{one}\b)"))));

    [Fact]
    public void A_namespace_is_its_folder() =>
        Assert.Empty(Repository.Sources(productsOnly: true).SelectMany(source =>
            source.Lines.Where(line => NamespaceLine().IsMatch(line) && line != $"namespace {FolderOf(source.Path)};").Select(line => $"{source.Path}: {line}")));

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Repository.PathOf(project)).Descendants(kind).Select(e => e.Attribute("Include")!.Value);

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project.Replace('\\', '/'));

    private static string FolderOf(string path) => string.Join('.', path.Split('/')[1..^1]);

    [GeneratedRegex(@"^namespace ")]
    private static partial Regex NamespaceLine();
}
