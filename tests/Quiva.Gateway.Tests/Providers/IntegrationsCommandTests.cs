using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Providers;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class IntegrationsCommandTests(DatabaseProvider engine)
{
    private const string Secret = "s3cret-from-standard-input";

    private readonly string masterKey = $"--Secrets:MasterKey={new string('A', 43)}=";
    private TestDatabase database = null!;

    [OneTimeSetUp]
    public async Task CreateAsync()
    {
        database = TestDatabase.Create(engine);
        Assert.That((await RunAsync("", "migrate")).ExitCode, Is.Zero);
    }

    [OneTimeTearDown]
    public void Remove() => database.Dispose();

    private Task<(int ExitCode, string Output, string Error)> RunAsync(string input, params string[] words) =>
        ServerProcess.RunWithInputAsync(
            input, [.. words, .. database.Settings, "--Gateway:PublicUrl=https://localhost:7443", masterKey]);

    [Test]
    public async Task A_provider_is_stored_with_the_secret_of_standard_input_and_listed_without_it()
    {
        var added = await RunAsync(
            Secret + "\n",
            "integrations",
            "add",
            "github",
            "--client-id",
            "Iv1.a1",
            "--scopes",
            "repo,read:user",
            "--id",
            "gh");
        Assert.That(added.ExitCode, Is.Zero, added.Error);
        Assert.That(added.Output, Does.StartWith("Stored gh (GitHub). ").And
            .Contain("https://localhost:7443/hub/integrations/oauth-callback").And
            .Contain("Check: allowed_hosts: api.github.com"));
        var list = await RunAsync("", "integrations", "list");
        Assert.That(list.Output, Does.Contain("gh\tGitHub\trepo,read:user"), list.Error);
        Assert.That(added.Output + added.Error + list.Output + list.Error, Does.Not.Contain(Secret));

        await using var app = await GatewayApp.StartAsync(database, null, masterKey);
        using var user = await app.ClientAsync("acme", "developer");
        var login = await user.GetStringAsync("/hub/integrations/gh/oauth-login/maria");
        Assert.That(login, Does.Contain("https://github.com/login/oauth/authorize?").And.Contain("Iv1.a1"));
        Assert.That(
            await app.Database.QueryAsync<string>(
                "select concat(kind, ' ', account, ' ', actor) from changes where subject = @subject",
                new { subject = "ms.integration.oauth.config.gh" }),
            Is.EqualTo(new[] { "created platform cli" }));
    }

    [TestCase("no-such", Secret, "The catalogue has no such provider.")]
    [TestCase("payfit", Secret, "The catalogue has no such provider.")]
    [TestCase("linear", "", "client_secret")]
    [TestCase("linear", "\n", "client_secret")]
    [TestCase("linear", "   \n", "client_secret")]
    public async Task What_can_not_be_stored_is_told_and_stores_nothing(string provider, string input, string told)
    {
        var (exitCode, output, error) = await RunAsync(input, "integrations", "add", provider, "--client-id", "x");
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.Contain(told).And.Not.Contain(Secret));
        Assert.That(
            (await RunAsync("", "integrations", "list")).Output, Does.Not.Contain("linear").And.Not.Contain("payfit"));
    }

    [Test]
    public async Task The_secret_is_no_argument()
    {
        var (exitCode, _, error) =
            await RunAsync("", "integrations", "add", "linear", "--client-id", "x", "--client-secret", Secret);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("--client-secret"));
    }
}
