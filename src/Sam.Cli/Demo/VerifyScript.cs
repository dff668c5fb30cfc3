using System.Text;

namespace Sam.Cli.Demo;

/// <summary>The commands that verify a demo folder, as a shell script that a stranger can read, run and retype.</summary>
internal static class VerifyScript
{
    internal const string FileName = "verify.sh";

    /// <param name="document">The file's name inside the folder; any name that a file system allows.</param>
    /// <param name="keys">The kinds of keys, as their files begin.</param>
    internal static string Render(string document, IReadOnlyList<string> keys)
    {
        var script = new StringBuilder("""
            #!/bin/sh
            # Verifies the signatures in this folder with openssl, from the files in it and nothing else.
            # Exit status 0: every certificate and every signature was accepted.
            # ca.pem is a CA made for one run of a demo. Trust it for nothing else.
            cd "$(dirname -- "$0")" || exit 1
            exec 2>&1
            failed=0


            """);
        foreach (string key in keys)
        {
            Step(script, $"openssl verify -CAfile ca.pem {key}.cert.pem");
            Step(script, $"openssl x509 -in {key}.cert.pem -pubkey -noout > {key}.pub.pem");
            Step(script, $"openssl dgst -sha256 -verify {key}.pub.pem -signature {key}.sig {Quote("./" + document)}");
            script.Append('\n');
        }

        return script.Append("exit $failed\n").ToString();
    }

    private static void Step(StringBuilder script, string command) =>
        script.Append("printf '%s\\n' ").Append(Quote("$ " + command)).Append('\n')
            .Append(command).Append(" || failed=1\n");

    /// <summary>One word for a POSIX shell, whatever characters are in it; plain names stay plain.</summary>
    internal static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '-' or '_')
            ? text
            : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
