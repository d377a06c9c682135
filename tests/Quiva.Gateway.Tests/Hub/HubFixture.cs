using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>A gateway for a class of tests; each test works in an account of its own.</summary>
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class HubFixture(DatabaseProvider engine)
{
    private readonly List<HttpClient> clients = [];

    protected GatewayApp App { get; private set; } = null!;

    /// <summary>A developer of the test's account.</summary>
    protected HttpClient Client { get; private set; } = null!;

    protected string Account { get; private set; } = "";

    [OneTimeSetUp]
    // What goes wrong is logged, and not all there is: some of these tests make calls by the thousand.
    public async Task StartAsync() =>
        App = await GatewayApp.StartAsync(engine, "--Logging:Captured:LogLevel:Default=Warning");

    [SetUp]
    public async Task OpenAccountAsync()
    {
        Account = "account-" + Guid.NewGuid().ToString("n");
        Client = await App.ClientAsync(Account, "developer");
        clients.Add(Client);
    }

    [TearDown]
    public void Nothing_failed() => Assert.That(App.Logs, Does.Not.Contain("failed Method="));

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        clients.ForEach(client => client.Dispose());
        await App.DisposeAsync();
    }

    /// <summary>What the log says that the account did to a subject: kind and fields, oldest first.</summary>
    protected async Task<IEnumerable<string>> ChangesAsync(string subject) => await App.Database.QueryAsync<string>(
        "select concat(kind, ' ', fields) from changes where account = @account and subject = @subject order by sequence", new
        {
            account = Account,
            subject
        });
}
