namespace Sam.Tests.Properties;

/// <summary>Makes a sequence that fails shorter, as long as it still fails: without a step, without an act, without a mishap.</summary>
internal static class Shortening
{
    internal static async Task<IReadOnlyList<Step>> ShortenAsync(IReadOnlyList<Step> failing, int maxTries, Func<IReadOnlyList<Step>, Task<bool>> fails)
    {
        int tries = 0;
        for (bool shorter = true; shorter;)
        {
            shorter = false;
            foreach (IReadOnlyList<Step> candidate in Candidates(failing))
            {
                if (++tries > maxTries)
                {
                    return failing;
                }

                if (await fails(candidate))
                {
                    failing = candidate;
                    shorter = true;
                    break;
                }
            }
        }

        return failing;
    }

    private static IEnumerable<IReadOnlyList<Step>> Candidates(IReadOnlyList<Step> steps)
    {
        for (int half = steps.Count / 2; half > 1; half /= 2)
        {
            for (int from = 0; from + half <= steps.Count; from += half)
            {
                yield return [.. steps.Take(from), .. steps.Skip(from + half)];
            }
        }

        for (int i = steps.Count - 1; i >= 0; i--)
        {
            yield return [.. steps.Take(i), .. steps.Skip(i + 1)];
        }

        for (int i = 0; i < steps.Count; i++)
        {
            foreach (Step simpler in Simpler(steps[i]))
            {
                yield return [.. steps.Take(i), simpler, .. steps.Skip(i + 1)];
            }
        }
    }

    private static IEnumerable<Step> Simpler(Step step)
    {
        for (int i = 0; step.Acts.Count > 1 && i < step.Acts.Count; i++)
        {
            yield return step with { Acts = [.. step.Acts.Take(i), .. step.Acts.Skip(i + 1)] };
        }

        if (step.Schedule.Count > 0)
        {
            yield return step with { Schedule = [.. step.Schedule.Take(step.Schedule.Count / 2)] };
        }

        for (int i = 0; i < step.Acts.Count; i++)
        {
            Act? simpler = step.Acts[i] switch
            {
                Authorize { Mishap: not null } act => act with { Mishap = null },
                Authorize { Documents.Count: > 1 } act => act with { Documents = [.. act.Documents.Skip(1)] },
                Sign { Mishap: not null } act => act with { Mishap = null },
                Sign { Hsm: not HsmFault.None } act => act with { Hsm = HsmFault.None },
                _ => null,
            };
            if (simpler is not null)
            {
                yield return step with { Acts = [.. step.Acts.Take(i), simpler, .. step.Acts.Skip(i + 1)] };
            }
        }
    }
}
