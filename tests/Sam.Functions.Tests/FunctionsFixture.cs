using System.Net;
using Sam.IntegrationTests.Hosts;
using Sam.IntegrationTests.Run;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.Functions.Tests;

/// <summary>One worker for the tests of a class, and how long it took from its start to its first answer.</summary>
public sealed class FunctionsFixture : IAsyncLifetime
{
    private FunctionsSam? _sam;

    /// <summary>A deployment of its own.</summary>
    public FunctionsFixture(SoftHsmFixture hsm, AzuriteFixture azurite) => Deployment = new Deployment(hsm, azurite);

    /// <summary>The deployment.</summary>
    public Deployment Deployment { get; }

    /// <summary>The SAM.</summary>
    internal FunctionsSam Sam => _sam!;

    /// <summary>From the start of the process to the first answer of info; all functions were loaded in between.</summary>
    internal TimeSpan StartToInfo { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _sam = await FunctionsSam.StartAsync(Deployment);
        using (HttpResponseMessage info = await _sam.Http.GetAsync("csc/v2/info", TestContext.Current.CancellationToken))
        {
            StartToInfo = _sam.Host.Worker.Age;
            Assert.Equal(HttpStatusCode.OK, info.StatusCode);
        }

        await RunLog.PlantCanaryAsync(_sam.Http, _sam.Host.Worker.LogName);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sam is not null)
        {
            await _sam.DisposeAsync();

            // What was answered by HTTP was right, or a test has failed; the platform also counts how invocations end.
            Assert.Empty(_sam.Host.Failures);
        }
    }
}
