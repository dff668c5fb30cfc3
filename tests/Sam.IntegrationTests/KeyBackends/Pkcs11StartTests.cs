using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Hsm;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>A wrong setting stops the start with one line that names it, and never costs more than one try of the PIN.</summary>
public sealed class Pkcs11StartTests(SoftHsmFixture token)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/nowhere/libhsm.so")]
    [InlineData("/etc/hostname")]
    [InlineData("libc.so.6")]
    public async Task A_module_that_is_none_is_named(string path)
    {
        Pkcs11Options options = token.Options();
        options.ModulePath = path;

        Assert.StartsWith($"ModulePath: the PKCS#11 module '{path}' cannot be loaded", await RefusalOfAsync(options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-token")]
    [InlineData("sam-test-")]
    public async Task A_label_that_no_token_has_is_named(string label)
    {
        Pkcs11Options options = token.Options();
        options.TokenLabel = label;

        Assert.StartsWith("TokenLabel: no token", await RefusalOfAsync(options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_that_two_tokens_have_is_named()
    {
        await using SoftHsmFixture twins = new();
        await twins.InitializeAsync();
        await Tool.RunAsync(
            "softhsm2-util",
            ["--init-token", "--free", "--label", twins.TokenLabel, "--so-pin", twins.Pin, "--pin", twins.Pin],
            twins.Environment,
            Cancellation);

        Assert.StartsWith("TokenLabel: 2 tokens", await RefusalOfAsync(twins.Options()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pin_file_that_is_missing_or_empty_is_named()
    {
        Pkcs11Options options = token.Options();
        options.PinFile = token.PinFile + ".missing";
        Assert.StartsWith($"PinFile: '{options.PinFile}' cannot be read", await RefusalOfAsync(options), StringComparison.Ordinal);

        options.PinFile = token.PinFile + ".empty";
        await File.WriteAllTextAsync(options.PinFile, " \n", Cancellation);
        Assert.Equal($"PinFile: '{options.PinFile}' holds no PIN.", await RefusalOfAsync(options));
    }

    [Fact]
    public async Task A_wrong_pin_is_tried_once_and_not_told()
    {
        const string wrongPin = "wrong-pin-0123456789";
        Pkcs11Shim shim = token.CreateShim();
        Pkcs11Options options = token.Options(shim);
        options.PinFile = $"{shim.ModulePath}.pin";
        await File.WriteAllTextAsync(options.PinFile, wrongPin, Cancellation);

        string first = await RefusalOfAsync(options);
        string again = await RefusalOfAsync(options);
        string withTheRightOne = await RefusalOfAsync(token.Options(shim));

        Assert.All((string[])[first, again, withTheRightOne], message =>
        {
            Assert.StartsWith($"PinFile: the token '{token.TokenLabel}'", message, StringComparison.Ordinal);
            Assert.DoesNotContain(wrongPin, message, StringComparison.Ordinal);
            Assert.DoesNotContain(token.Pin, message, StringComparison.Ordinal);
        });
        Assert.Equal(1, shim.Count("C_Login"));
        Assert.Equal(0, shim.OpenSessions());
    }

    [Fact]
    public async Task A_wrong_pin_does_not_pass_because_the_process_is_logged_in_already()
    {
        Pkcs11Shim shim = token.CreateShim();
        Pkcs11Options wrong = token.Options(shim);
        wrong.PinFile = $"{shim.ModulePath}.pin";
        await File.WriteAllTextAsync(wrong.PinFile, "wrong-pin-0123456789", Cancellation);
        await using Pkcs11KeyBackend first = await Pkcs11KeyBackend.OpenAsync(token.Options(shim), TimeProvider.System, Cancellation);

        Assert.StartsWith("PinFile:", await RefusalOfAsync(wrong), StringComparison.Ordinal);

        await using Pkcs11KeyBackend second = await Pkcs11KeyBackend.OpenAsync(token.Options(shim), TimeProvider.System, Cancellation);
        await first.CheckAsync(Cancellation);
        await second.CheckAsync(Cancellation);
    }

    [Fact]
    public async Task A_backend_outlives_another_one_on_the_same_module()
    {
        Pkcs11Shim shim = token.CreateShim();
        await using Pkcs11KeyBackend longer = await Pkcs11KeyBackend.OpenAsync(token.Options(shim), TimeProvider.System, Cancellation);
        await (await Pkcs11KeyBackend.OpenAsync(token.Options(shim), TimeProvider.System, Cancellation)).DisposeAsync();

        await longer.CheckAsync(Cancellation);
        Assert.Equal(1, shim.Count("C_Initialize"));
    }

    [Theory]
    [InlineData(nameof(Pkcs11Options.ModulePath))]
    [InlineData(nameof(Pkcs11Options.TokenLabel))]
    [InlineData(nameof(Pkcs11Options.PinFile))]
    [InlineData(nameof(Pkcs11Options.MaxSessions))]
    [InlineData(nameof(Pkcs11Options.OperationTimeout))]
    [InlineData(nameof(Pkcs11Options.KeyGenerationTimeout))]
    public async Task A_setting_that_is_missing_is_named(string setting)
    {
        Pkcs11Options options = token.Options();
        System.Reflection.PropertyInfo property = typeof(Pkcs11Options).GetProperty(setting)!;
        property.SetValue(options, property.PropertyType == typeof(string) ? "" : Activator.CreateInstance(property.PropertyType));

        Assert.StartsWith(setting, await RefusalOfAsync(options), StringComparison.Ordinal);
    }

    private static async Task<string> RefusalOfAsync(Pkcs11Options options)
    {
        KeyBackendException refusal = await Assert.ThrowsAsync<KeyBackendException>(
            () => Pkcs11KeyBackend.OpenAsync(options, TimeProvider.System, Cancellation));
        Assert.Equal(KeyBackendFailure.Rejected, refusal.Failure);
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal.Message;
    }
}
