using Xunit;

namespace Sam.Tests.BadInput;

/// <summary>Runs when all others have run: what a process's memory grows by can only be told while nobody else fills it.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
