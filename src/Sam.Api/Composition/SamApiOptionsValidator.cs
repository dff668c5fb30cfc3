using Microsoft.Extensions.Options;

namespace Sam.Api.Composition;

/// <summary>Stops the start on options that the API cannot keep, each with its name.</summary>
internal sealed class SamApiOptionsValidator : IValidateOptions<SamApiOptions>
{
    private const int MaxTextLength = 255;

    public ValidateOptionsResult Validate(string? name, SamApiOptions options)
    {
        List<string> faults = [];
        Check(faults, options.MaxBodyBytes is >= 1_024 and <= 4_194_304, "Sam:MaxBodyBytes is 1024 to 4194304.");
        Check(faults, options.Gate.MaxAuthorizing is >= 1 and <= 10_000, "Sam:Gate:MaxAuthorizing is 1 to 10000.");
        Check(faults, options.Gate.MaxSigning is >= 1 and <= 10_000, "Sam:Gate:MaxSigning is 1 to 10000.");
        Check(faults, options.Gate.MaxAdministering is >= 1 and <= 10_000, "Sam:Gate:MaxAdministering is 1 to 10000.");
        Check(faults, options.Info.Name.Length is > 0 and <= MaxTextLength, "Sam:Info:Name has 1 to 255 characters.");
        Check(faults, options.Info.Description.Length is > 0 and <= MaxTextLength, "Sam:Info:Description has 1 to 255 characters.");
        Check(faults, options.Info.Region is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'], "Sam:Info:Region is a country by ISO 3166-1 alpha-2, such as JP.");
        Check(faults, IsWebAddress(options.PublicAddress?.OriginalString), "Sam:PublicAddress is an http or https address.");
        Check(faults, IsWebAddress(options.Info.Logo), "Sam:Info:Logo is an http or https address.");
        Check(faults, IsWebAddress(options.Info.OAuth2Issuer), "Sam:Info:OAuth2Issuer is an http or https address.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(List<string> faults, bool holds, string fault)
    {
        if (!holds)
        {
            faults.Add(fault);
        }
    }

    private static bool IsWebAddress(string? text) =>
        text is null || (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("http" or "https"));
}
