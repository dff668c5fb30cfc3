namespace Sam.Api.Csc;

/// <summary>The language of texts in answers (RFC 5646), whatever <c>lang</c> a request asks for: the API's own texts are English.</summary>
internal static class ServiceLanguage
{
    internal const string Tag = "en-US";
}
