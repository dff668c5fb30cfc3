using System.Text;

namespace Sam.Cli;

/// <summary>Reads a secret key by key, so that the terminal never shows it.</summary>
internal static class SecretPrompt
{
    internal static string OfTheConsole(string prompt) => Read(prompt, Console.Error, () => Console.ReadKey(intercept: true));

    internal static string Read(string prompt, TextWriter shown, Func<ConsoleKeyInfo> nextKey)
    {
        shown.Write(prompt + ": ");
        StringBuilder typed = new();
        while (nextKey() is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        shown.WriteLine();
        return typed.ToString();
    }
}
