using Sam.Core.Results;

namespace Sam.Core.Officers;

/// <summary>Something that a request makes.</summary>
/// <param name="FreshId">The id it gets, unless this request was begun before under another one.</param>
/// <param name="MakeAsync">Makes it under an id, and gives the id that it really got. Two who make it under one id at once must not both succeed.</param>
/// <param name="IsMadeAsync">Whether it was made under an id.</param>
public sealed record Creation(string FreshId, Func<string, CancellationToken, Task<Result<string>>> MakeAsync, Func<string, Task<bool>> IsMadeAsync)
{
    /// <summary>What is made is told once and kept nowhere: an enrolment code. Whoever lost it has another one made.</summary>
    public bool IsToldOnce { get; init; }
}
