using System.Runtime.Versioning;
using System.Security.Cryptography;
using Sam.LocalHost.Development;
using Xunit;

namespace Sam.Tests.Authentication;

[UnsupportedOSPlatform("windows")]
public sealed class DevelopmentIssuerKeyTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("issuer-key-");

    private string KeyFile => Path.Combine(_folder.FullName, "issuer.pem");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Without_a_file_each_key_is_new() => Assert.NotEqual(DevelopmentIssuerKey.Open(null), DevelopmentIssuerKey.Open(null));

    [Fact]
    public void A_missing_file_is_made_for_its_owner_alone_and_kept()
    {
        byte[] key = DevelopmentIssuerKey.Open(KeyFile);
        Assert.Equal(Private, File.GetUnixFileMode(KeyFile));
        Assert.Equal(key, DevelopmentIssuerKey.Open(KeyFile));
        Assert.Equal([KeyFile], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task Of_hosts_that_start_at_once_all_get_one_key()
    {
        using Barrier start = new(8);
        byte[][] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                return DevelopmentIssuerKey.Open(KeyFile);
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Single(keys.Select(Convert.ToHexString).Distinct());
        Assert.Equal([KeyFile], Directory.GetFiles(_folder.FullName));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_may_touch_is_refused(UnixFileMode others)
    {
        _ = DevelopmentIssuerKey.Open(KeyFile);
        File.SetUnixFileMode(KeyFile, Private | others);
        IOException refused = Assert.Throws<IOException>(() => DevelopmentIssuerKey.Open(KeyFile));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key, but something that must not be quoted")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void A_file_without_a_key_is_refused_and_not_quoted(string content)
    {
        Write(content);
        IOException refused = Assert.Throws<IOException>(() => DevelopmentIssuerKey.Open(KeyFile));
        Assert.Contains(KeyFile, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("must not be quoted", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_and_a_key_of_another_curve_are_refused()
    {
        using ECDsa larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using ECDsa right = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (string pem in new[] { larger.ExportPkcs8PrivateKeyPem(), right.ExportSubjectPublicKeyInfoPem() })
        {
            Write(pem);
            Assert.Throws<IOException>(() => DevelopmentIssuerKey.Open(KeyFile));
        }

        Write(right.ExportPkcs8PrivateKeyPem());
        Assert.NotEmpty(DevelopmentIssuerKey.Open(KeyFile));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_not_made() =>
        Assert.ThrowsAny<IOException>(() => DevelopmentIssuerKey.Open(Path.Combine(_folder.FullName, "missing", "issuer.pem")));

    private void Write(string content)
    {
        File.WriteAllText(KeyFile, content);
        File.SetUnixFileMode(KeyFile, Private);
    }
}
