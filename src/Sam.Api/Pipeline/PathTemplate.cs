using Microsoft.AspNetCore.Http;

namespace Sam.Api.Pipeline;

/// <summary>
/// A route's path with parameters, <c>/sam/v1/signers/{signer}</c>, read by the pipeline itself: each host's own routing finds the route, and only this says what is in the path.
/// </summary>
internal static class PathTemplate
{
    /// <summary>Whether a path is one of a template; letters' case counts in parameters only.</summary>
    internal static bool IsMatch(string template, PathString path) => TryMatch(template, path, out _);

    /// <summary>The value of a parameter: never empty.</summary>
    /// <exception cref="InvalidOperationException">The route has no such parameter.</exception>
    internal static string Read(string template, PathString path, string parameter) =>
        TryMatch(template, path, out Dictionary<string, string> values) && values.TryGetValue(parameter, out string? value)
            ? value
            : throw new InvalidOperationException($"{template} has no {parameter}.");

    private static bool TryMatch(string template, PathString path, out Dictionary<string, string> values)
    {
        values = new(StringComparer.Ordinal);
        string[] wanted = template.Split('/');

        // Hosts take a slash at the end for none.
        string text = path.Value ?? string.Empty;
        string[] given = (text.EndsWith('/') ? text[..^1] : text).Split('/');
        if (wanted.Length != given.Length)
        {
            return false;
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] is ['{', .. string name, '}'])
            {
                if (given[i].Length == 0)
                {
                    return false;
                }

                values[name] = given[i];
            }
            else if (!string.Equals(wanted[i], given[i], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }
}
