namespace Sam.Core.Results;

/// <summary>An expected refusal, as a value: why, and of which request parameter, where one is to blame.</summary>
/// <param name="Code">The closed cause; also the <c>cause</c> tag of the counter <c>sam.refusals</c>.</param>
/// <param name="Parameter">The request parameter at fault as the caller spelled its name, or null.</param>
public sealed record Refusal(SamErrorCode Code, string? Parameter = null)
{
    /// <summary>A refusal that blames no parameter.</summary>
    public static implicit operator Refusal(SamErrorCode code) => new(code);
}
