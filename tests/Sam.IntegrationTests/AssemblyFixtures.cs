using Sam.Testing.Hsm;
using Xunit;

// One token for the whole run.
[assembly: AssemblyFixture(typeof(SoftHsmFixture))]
