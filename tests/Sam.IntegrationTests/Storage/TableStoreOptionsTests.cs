using Azure.Core;
using Azure.Identity;
using Sam.Core.Rows;
using Sam.Storage.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

public sealed class TableStoreOptionsTests
{
    private const string Local = "AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:1/a;";

    public static TheoryData<string, TableStoreOptions> Wrong { get; } = new()
    {
        { "Set either", new TableStoreOptions() },
        { "Set either", new TableStoreOptions { ConnectionString = Local, Endpoint = new Uri("https://a.table.core.windows.net") } },
        { "TablePrefix", new TableStoreOptions { ConnectionString = Local, TablePrefix = "" } },
        { "TablePrefix", new TableStoreOptions { ConnectionString = Local, TablePrefix = "1a" } },
        { "TablePrefix", new TableStoreOptions { ConnectionString = Local, TablePrefix = "sam-" } },
        { "Tables", new TableStoreOptions { ConnectionString = Local, Tables = [] } },
        { "WriteTimeout", new TableStoreOptions { ConnectionString = Local, WriteTimeout = TimeSpan.Zero } },
        { "ReadTimeout", new TableStoreOptions { ConnectionString = Local, ReadTimeout = TimeSpan.FromMinutes(1) } },
        { "https", new TableStoreOptions { ConnectionString = Local.Replace("127.0.0.1", "10.0.0.1", StringComparison.Ordinal) } },
        { "https", new TableStoreOptions { Endpoint = new Uri("http://a.table.core.windows.net"), Credential = new NoIdentity() } },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Settings_that_cannot_be_are_refused_by_name(string name, TableStoreOptions options)
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => TableRowStore.OpenAsync(options, TimeProvider.System, Cancellation));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_account_key_is_not_printed() =>
        Assert.DoesNotContain("a2V5", new TableStoreOptions { ConnectionString = Local }.ToString()!, StringComparison.Ordinal);

    [Fact]
    public void The_two_stores_share_no_table_and_leave_none_out() =>
        Assert.Equal(Enum.GetValues<SamTable>(), TableStoreOptions.MainTables.Concat(TableStoreOptions.AuditTables).Order());

    [Fact]
    public async Task Without_an_identity_the_opening_fails_as_a_store_that_is_away()
    {
        TableStoreOptions options = new() { Endpoint = new Uri("https://127.0.0.1:1"), Credential = new NoIdentity() };
        RowStoreException away = await Assert.ThrowsAsync<RowStoreException>(() => TableRowStore.OpenAsync(options, TimeProvider.System, Cancellation));
        Assert.IsType<AuthenticationFailedException>(away.InnerException);
    }

    private sealed class NoIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new AuthenticationFailedException("No identity.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new AuthenticationFailedException("No identity.");
    }
}
