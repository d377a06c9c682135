using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class MigrationTests(DatabaseProvider engine)
{
    [Test]
    public async Task Five_processes_that_start_together_migrate_once_and_all_serve()
    {
        using var database = TestDatabase.Create(engine);
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ServerProcess.StartAsync(database)));
        try
        {
            var keys = servers.Select(server => server.FirstKey).OfType<string>().ToList();
            Assert.That(keys, Has.Count.EqualTo(1), "One of them makes the first key.");
            foreach (var server in servers)
            {
                using var client = server.Client(keys[0]);
                using var response = await client.GetAsync("/hub/integrations/oauth-config");
                Assert.That((int)response.StatusCode, Is.EqualTo(200));
            }

            // What one has sealed, every other opens: there is one key ring.
            foreach (var server in servers)
            {
                using var client = server.Client(keys[0]);
                using var response =
                    await Tests.Oauth.Configs.PutConfigAsync(client, Tests.Oauth.Configs.Body("shared"));
                Assert.That((int)response.StatusCode, Is.EqualTo(200));
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                server.Dispose();
            }
        }

        await using var app = await GatewayApp.StartAsync(database);
        Assert.That(
            await app.Database.QueryAsync<string>("select script from schema_versions order by script"),
            Is.EqualTo(MigrationScripts.All.Select(script => script.Name)));
        Assert.That(await app.Database.FindAsync<int>("select count(*) from data_protection_keys"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_script_that_was_changed_after_it_ran_stops_the_start()
    {
        using var database = TestDatabase.Create(engine);
        await using (var app = await GatewayApp.StartAsync(database))
        {
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync("update schema_versions set hash = 'other'", null, default),
                default);
        }

        Assert.That(
            async () => await GatewayApp.StartAsync(database),
            Throws.InvalidOperationException.With.Message.Contains("0001_initial.sql was changed after it had run"));
    }

    [TestCase(null)]
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_script_of_a_newer_version_stops_the_start_unless_it_is_additive(bool? additive)
    {
        using var database = TestDatabase.Create(engine);
        await using (var app = await GatewayApp.StartAsync(database))
        {
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(
                    "insert into schema_versions (script, hash, applied_at, additive) values ('9999_newer.sql', 'x', @now, @additive)",
                    new { now = DateTimeOffset.UtcNow, additive },
                    default),
                default);
        }

        if (additive == true)
        {
            await using var app = await GatewayApp.StartAsync(database);
            return;
        }

        Assert.That(
            async () => await GatewayApp.StartAsync(database),
            Throws.InvalidOperationException.With.Message.Contains(
                "a newer version of the gateway, with 9999_newer.sql"));
    }

    [Test]
    public async Task A_journal_of_the_first_version_is_extended()
    {
        using var database = TestDatabase.Create(engine);
        await using (var app = await GatewayApp.StartAsync(database))
        {
            await app.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(
                    "alter table schema_versions drop column additive", null, default), default);
        }

        await using var again = await GatewayApp.StartAsync(database);
        Assert.That(
            await again.Database.FindAsync<int>("select count(*) from schema_versions where additive is null"),
            Is.EqualTo(MigrationScripts.All.Count));
    }

    [Test]
    public async Task A_second_start_applies_nothing_and_keeps_everything()
    {
        using var database = TestDatabase.Create(engine);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await using var app = await GatewayApp.StartAsync(database);
            Assert.That(await app.Database.FindAsync<int>("select count(*) from api_keys"), Is.EqualTo(1));
        }
    }
}

public sealed class HashJournalTests
{
    [TestCase("create table a (b int);", ExpectedResult = true)]
    [TestCase("-- additive\ncreate table a (b int);", ExpectedResult = true)]
    [TestCase("-- additive\r\ncreate table a (b int);", ExpectedResult = true)]
    public bool The_mark_of_an_additive_script_is_no_part_of_its_hash(string contents) =>
        HashJournal.HashOf(new("x", contents)) == HashJournal.HashOf(new("x", "create table a (b int);"));

    [Test]
    public void What_ran_before_the_mark_existed_keeps_its_hash() => Assert.That(
        HashJournal.HashOf(
            MigrationScripts.All[0]), Is.EqualTo("308e3673e4aa7916187117aec9d910232c576e16892103bfe24dd317356d37f6"));
}

public sealed class SqliteDialectTests
{
    [Test]
    public void The_preprocessor_makes_TSql_SQLite_s() => Assert.That(
        new SqliteDialect()
            .Process(
                "a bigint identity(1,1) not null primary key, b varbinary(max) null, c nvarchar(9) collate Latin1_General_100_BIN2 not null"),
        Is.EqualTo("a integer primary key autoincrement, b varbinary null, c nvarchar(9) not null"));

    [Test]
    public async Task A_commit_is_on_the_disk_before_it_is_acknowledged()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        Assert.That(await app.Database.FindAsync<int>("pragma synchronous"), Is.EqualTo(2), "FULL");
        Assert.That(await app.Database.FindAsync<string>("pragma journal_mode"), Is.EqualTo("wal"));
        Assert.That(await app.Database.FindAsync<int>("pragma foreign_keys"), Is.EqualTo(1));
    }
}
