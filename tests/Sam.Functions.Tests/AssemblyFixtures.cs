using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

// One token and one table service for the whole run; the run's log registers itself.
[assembly: AssemblyFixture(typeof(SoftHsmFixture))]
[assembly: AssemblyFixture(typeof(AzuriteFixture))]
