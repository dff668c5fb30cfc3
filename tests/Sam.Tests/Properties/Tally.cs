namespace Sam.Tests.Properties;

/// <summary>What sequences came to: a run in which hardly anything was signed, or nothing refused for some cause, would try little.</summary>
internal sealed class Tally
{
    private readonly Dictionary<string, int> _outcomes = [];

    internal IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    internal int Calls => _outcomes.Values.Sum();

    internal void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;

    internal void Add(Tally other)
    {
        lock (_outcomes)
        {
            foreach ((string outcome, int count) in other._outcomes)
            {
                _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + count;
            }
        }
    }
}
