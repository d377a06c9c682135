using Microsoft.Extensions.Configuration;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CommandLineTests(DatabaseProvider engine)
{
    private TestDatabase database = null!;

    [SetUp]
    public void Create() => database = TestDatabase.Create(engine);

    [TearDown]
    public void Remove() => database.Dispose();

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] words) =>
        ServerProcess.RunAsync([
            .. words,
            .. database.Settings,
            "--Gateway:PublicUrl=https://localhost:7443",
            $"--Secrets:MasterKey={new string('A', 43)}="
        ]);

    [Test]
    public async Task Keys_are_made_listed_and_revoked()
    {
        var migrated = await RunAsync("migrate");
        Assert.That(migrated.ExitCode, Is.Zero, migrated.Error);
        var created = await RunAsync(
            "keys",
            "create",
            "--account",
            "acme",
            "--role",
            "developer",
            "--role",
            "quiva-admin",
            "--name",
            "ci",
            "--expires-in-days",
            "30");
        Assert.That(created.ExitCode, Is.Zero, created.Error);
        var key = Line(created.Output, "API key: ");
        var id = Line(created.Output, "Id: ");

        var list = await RunAsync("keys", "list");
        Assert.That(list.Output, Does.Contain($"{id}\tacme\tdeveloper,quiva-admin\tci\t").And.Not.Contain(key));

        await using var app =
            await GatewayApp.StartAsync(database, null, $"--Secrets:MasterKey={new string('A', 43)}=");
        using var client = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, key));
        using var before = await client.PutConfigAsync(Configs.Body("cli"));
        var revoked = await RunAsync("keys", "revoke", id);
        // As long as the running gateway caches the key.
        await Task.Delay(TimeSpan.FromSeconds(new ApiKeyOptions().CacheSeconds));
        using var after = await client.PutConfigAsync(Configs.Body("cli"));
        var again = await RunAsync("keys", "revoke", id);
        Assert.That((revoked.ExitCode, again.ExitCode), Is.EqualTo((0, 1)));
        Assert.That(((int)before.StatusCode, (int)after.StatusCode), Is.EqualTo((200, 401)));
        Assert.That(
            await app.Database.QueryAsync<string>(
                "select concat(kind, ' ', actor) from changes where subject = @subject order by sequence",
                new { subject = "gateway.api-key." + id }),
            Is.EqualTo(new[] { "created cli", "revoked cli" }));

        var resealed = await RunAsync("secrets", "reseal", "--new-key");
        Assert.That(resealed.ExitCode, Is.Zero, resealed.Error);
        Assert.That(resealed.Output, Does.StartWith("Sealed 1 secrets again."));
    }

    [Test]
    public async Task Migrate_says_what_it_applied_and_exits()
    {
        var first = await RunAsync("migrate");
        var second = await RunAsync("migrate");
        Assert.That(
            (first.ExitCode, first.Output.Trim()),
            Is.EqualTo((0, $"Applied {string.Join(", ", MigrationScripts.All.Select(script => script.Name))}.")),
            first.Error);
        Assert.That((second.ExitCode, second.Output.Trim()), Is.EqualTo((0, "Nothing to apply.")), second.Error);
    }

    [TestCase("keys list")]
    [TestCase("keys create --account acme --role developer")]
    [TestCase("secrets reseal")]
    public async Task A_verb_that_needs_a_gateway_makes_none(string words)
    {
        var (exitCode, output, error) = await RunAsync(words.Split(' '));
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.Contain("There is no gateway with these settings"));
        Assert.That(File.Exists(Path.Combine(database.Directory, "gateway.db")), Is.False);
    }

    [TestCase("keys create --account acme --role emperor", "emperor")]
    [TestCase("keys create --account a/b --role developer", "--account must be")]
    [TestCase("keys create --account acme", "--role")]
    [TestCase("keys create --account acme --role developer --expires-in-days 0", "--expires-in-days must be")]
    [TestCase("keys create --account acme --role developer --expires-in-days x", "--expires-in-days must be")]
    [TestCase("keys creat", "creat")]
    [TestCase("secrets reseal --newkey", "--newkey")]
    public async Task A_mistyped_verb_is_told_and_does_nothing(string words, string told)
    {
        var (exitCode, _, error) = await RunAsync(words.Split(' '));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain(told));
        Assert.That(File.Exists(Path.Combine(database.Directory, "gateway.db")), Is.False);
    }

    private static string Line(string output, string start) =>
        output.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..].Trim();
}

public sealed class SettingsTests
{
    [Test]
    public async Task All_faults_are_told_at_once_and_nothing_starts()
    {
        var directory = Path.Combine(Path.GetTempPath(), "gateway-" + Guid.NewGuid());
        var (exitCode, output, error) = await ServerProcess.RunAsync(
            "--environment=Production", $"--Gateway:DataDirectory={directory}", "--Gateway:PublicUrl=ftp://x", "--Database:Provider=Oracle", "--Oauth:AllowedNetworks:0=10.0.0.0/99",
            "--Quotas:Nodes=many", "--RateLimit:CallerBurst=0", "--Databse:Provider=SqlServer", "--ConnectionStrings:Gatway=x", "--Gateway:KnownProxies:0=x", "--Gateway:AllowedOrigins:0=https://a/b", "--RateLimit:Burst=5", "--Secrets:PreviousMasterKeys:0=short", "--Secrets:PreviousCertificates:0:Path=absent.pfx", "--Authentication:Schemes:Bearer:JwksFile=absent.json",
            "--Authentication:Schemes:Bearer:SigningKeys:0:Issuer=x", $"--Authentication:Schemes:Bearer:SigningKeys:0:Value={new string('A', 43)}=");
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        foreach (var fault in new[]
        {
            "Gateway:PublicUrl must be", "Database:Provider must be one of Sqlite, SqlServer.", "'10.0.0.0/99' is not a network", "RateLimit:CallerBurst must be between", "Quotas:Nodes must be a whole number.", "Databse is no section of the settings. Did you mean Database?",
            "ConnectionStrings:Gatway is no setting. Did you mean ConnectionStrings:Gateway?", "Gateway:KnownProxies: 'x' is neither", "Gateway:AllowedOrigins: 'https://a/b' is not an origin",
            "RateLimit:Burst is no setting", "Secrets:MasterKey and Secrets:PreviousMasterKeys must be", "Production needs Secrets:Certificate or Secrets:MasterKey", "JwksFile: there is no such file",
            "bearer tokens need ValidAudience", "the certificate 'absent.pfx' can't be read",
        })
        {
            Assert.That(error, Does.Contain(fault));
        }

        Assert.That(Directory.Exists(directory), Is.False);
    }

    [Test]
    public async Task Forwarded_headers_are_not_believed_from_anyone()
    {
        var (exitCode, _, error) =
            await ServerProcess.RunAsync("--environment=Development", "--FORWARDEDHEADERS_ENABLED=true");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("name the proxies in Gateway:KnownProxies instead"));
    }

    [TestCase("DATABSE__PROVIDER", "Did you mean Database__…?")]
    [TestCase("Gateway_PublicUrl", "Did you mean Gateway__PublicUrl?")]
    [TestCase("GATEWAYPUBLICURL", "Did you mean Gateway__PublicUrl?")]
    [TestCase("GATEWAY_API_HOST", null)]
    [TestCase("DATABASE_URL", null)]
    public void A_name_in_the_environment_that_is_near_ours_is_a_warning(string name, string? warning)
    {
        var configuration = new ConfigurationManager();
        Environment.SetEnvironmentVariable(name, "x");
        try
        {
            configuration.AddEnvironmentVariables();
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        var warnings =
            SettingsNames.Suspicious(configuration, [new("Database", ["Provider"]), new("Gateway", ["PublicUrl"])]);
        Assert.That(warnings, warning is null ? Is.Empty : Has.One.EndsWith(warning));
    }

    [Test]
    public async Task Sql_Server_needs_a_connection_string()
    {
        var (exitCode, _, error) =
            await ServerProcess.RunAsync("--environment=Development", "--Database:Provider=SqlServer");
        Assert.That(
            (exitCode, error.Trim()),
            Is.EqualTo(
                (1, "The settings can't be used:\n- ConnectionStrings:Gateway is required when Database:Provider is SqlServer.")));
    }

    [Test]
    public async Task Production_refuses_symmetric_signing_keys()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync(
            "--environment=Production", $"--Secrets:MasterKey={new string('A', 43)}=", "--Authentication:Schemes:Bearer:ValidIssuer=x", "--Authentication:Schemes:Bearer:ValidAudiences:0=x",
            "--Authentication:Schemes:Bearer:SigningKeys:0:Issuer=x", $"--Authentication:Schemes:Bearer:SigningKeys:0:Value={new string('A', 43)}=");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("SigningKeys holds symmetric keys"));
    }
}
