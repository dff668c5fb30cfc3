using Sam.Core.Rows;

namespace Sam.Core.Credentials;

/// <summary>The use of a challenge or an approval, for who carries it out.</summary>
/// <param name="Write">What is to be committed with what it is used for, in the signer's partition.</param>
/// <param name="Taken">To be called when it was committed: from then on this process knows.</param>
internal sealed record UsedOnce(RowWrite Write, Action Taken);
