using Sam.Api.Pipeline;
using Xunit;

namespace Sam.Tests.Pipeline;

public sealed class PathTemplateTests
{
    private const string Template = "/sam/v1/signers/{signer}/closure";

    [Theory]
    [InlineData("/sam/v1/signers/abc/closure", "abc")]
    [InlineData("/SAM/v1/Signers/Abc/closure", "Abc")]

    // Hosts route it here as well: read as another path, it would be an error of ours.
    [InlineData("/sam/v1/signers/abc/closure/", "abc")]
    public void A_path_of_the_template_gives_its_parameter(string path, string signer)
    {
        Assert.True(PathTemplate.IsMatch(Template, path));
        Assert.Equal(signer, PathTemplate.Read(Template, path, "signer"));
    }

    [Theory]
    [InlineData("/sam/v1/signers//closure")]
    [InlineData("/sam/v1/signers/abc/closure//")]
    [InlineData("/sam/v1/signers/abc")]
    [InlineData("/sam/v1/signers/abc/def/closure")]
    [InlineData("")]
    public void Any_other_path_is_none_of_it(string path) => Assert.False(PathTemplate.IsMatch(Template, path));
}
