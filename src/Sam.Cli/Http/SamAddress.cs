namespace Sam.Cli.Http;

/// <summary>Where the SAM is: the variable <c>SAM_URL</c>, else the address that <c>./dev up</c> listens on.</summary>
internal static class SamAddress
{
    internal const string Default = "http://127.0.0.1:7180";

    /// <summary>The address with a trailing slash, so that relative paths append to it.</summary>
    /// <exception cref="CommandFailure">Not an http(s) address, or one that would send a PIN in the clear over a network.</exception>
    internal static Uri From(string? variable)
    {
        string text = string.IsNullOrWhiteSpace(variable) ? Default : variable.Trim();
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
            || address.UserInfo.Length + address.Query.Length + address.Fragment.Length > 0)
        {
            throw new CommandFailure("SAM_URL is not an address like http://127.0.0.1:7180.", ExitCodes.Usage);
        }

        return address.Scheme == Uri.UriSchemeHttps || address.IsLoopback
            ? address
            : throw new CommandFailure("SAM_URL must be https for any host but this one: PIN and SAD would travel in the clear.", ExitCodes.Usage);
    }
}
