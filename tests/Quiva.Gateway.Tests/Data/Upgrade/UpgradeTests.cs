using System.IO.Compression;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Hub;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Data.Upgrade;

/// <summary>
/// A database of the first release (four migrations) opens under this build: every row, every secret, every operation.
/// <c>first.db.gz</c> was written by that release: two configurations, two connections and a sign-in under way, two
/// collections of nodes and two of workflows with their history. The keys here open nothing else.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class UpgradeTests(DatabaseProvider engine)
{
    private const string AdminKey = "qgk_RHaDYvunQA28770_-WStcvW35Vk9ZVyhSZKd84jLZKA";
    private const string UserKey = "qgk_aOPxjR12tmj7C-1FWYUjiTEt7YXRTjlD6LqM26eUILM";
    private const int FirstMigrations = 4;

    private static readonly string[] Tables =
        [
            "api_keys", "data_protection_keys", "oauth_configs", "oauth_connections", "oauth_sign_ins", "changes",
            "collections", "nodes", "workflows"
        ];

    private TestDatabase database = null!;
    private Dictionary<string, long> rows = [];
    private GatewayApp app = null!;
    private HttpClient admin = null!;
    private HttpClient user = null!;

    [SetUp]
    public async Task StartAsync()
    {
        database = TestDatabase.Create(engine);
        rows = await SeedAsync();
        app = await GatewayApp.StartAsync(
            database, null, "--Oauth:AllowedNetworks:0=127.0.0.0/8", "--Oauth:SweepIntervalSeconds=0");
        admin = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, AdminKey));
        user = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, UserKey));
    }

    [TearDown]
    public async Task StopAsync()
    {
        admin.Dispose();
        user.Dispose();
        await app.DisposeAsync();
        database.Dispose();
    }

    [Test]
    public async Task Every_row_is_there_and_readable()
    {
        foreach (var table in Tables)
        {
            Assert.That(
                await app.Database.FindAsync<long>($"select count(*) from {table}"), Is.EqualTo(rows[table]), table);
        }

        foreach (var path in new[]
        {
            "/hub/collections", "/hub/nodes", "/hub/workflows", "/hub/integrations/oauth-connections", "/hub/integrations/fake/oauth-connections",
        })
        {
            Assert.That((await user.CallAsync("GET", path)).Status, Is.EqualTo(200), path);
        }

        var nodes = await user.CallAsync("GET", "/hub/nodes");
        Assert.That(
            nodes.Json["results"]!.AsArray().Select(node => (string)node!["data"]!["name"]!),
            Does.Contain("Ünï cödé ✓"));
        Assert.That(nodes.Text, Does.Contain("1.50"));
        Assert.That(
            (await admin.CallAsync("GET", "/hub/integrations/oauth-config")).Text,
            Does.Contain("fake").And.Contain("slack"));
        var history = await user.CallAsync("GET", $"/hub/workflows/{Topic("Flows")}/{Topic("one")}/history?draft=true");
        Assert.That(history.Text, Does.Contain("first").And.Contain("changed"), history.ToString());
    }

    [Test]
    public async Task Every_secret_opens()
    {
        var configs = app.Services.GetRequiredService<OauthConfigStore>();
        foreach (var integration in new[] { "fake", "slack" })
        {
            Assert.That((await configs.FindClientAsync(integration, default))!.ClientSecret, Is.Not.Empty);
        }

        var connections = app.Services.GetRequiredService<OauthConnectionStore>();
        foreach (var id in new[] { "maria", "lasting" })
        {
            var connection = await connections.FindAsync(new("acme", "fake", id), default);
            Assert.That(
                (connection!.AccessToken, connection.RefreshToken), Is.EqualTo(("access-" + id, "refresh-" + id)));
        }

        KeyRing.Rotate(app.Services);
        var (count, unopened) = await connections.ResealAsync(new("platform", "cli"), default);
        Assert.That((count, unopened.Count), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Every_operation_works_on_what_was_there()
    {
        var (nodes, flows) = (Topic("Nodes"), Topic("Flows"));
        Is200(await user.UpdateNodeAsync(
            nodes, Topic("third"), """ "data":{"name":"third","node_type":"map","payload":{"y":2}} """));
        Is200(await user.CallAsync("DELETE", $"/hub/nodes/{nodes}/{Topic("second")}"));
        Is200(await user.UpdateWorkflowAsync(flows, Topic("two"), $"\"config\":{HubCalls.Config("upgraded")}"));
        Is200(await user.PublishAsync(flows, Topic("two")));
        Is200(await user.PublishAsync(flows, Topic("draft only")));
        Is200(await user.CallAsync("DELETE", $"/hub/workflows/{flows}/{Topic("one")}?draft=true"));
        Is200(await user.CallAsync(
            "DELETE", $"/hub/collections/node/{nodes}?move_resources_to_collection={Topic("Spare nodes")}"));
        Is200(await user.CallAsync(
            "DELETE", $"/hub/collections/workflow/{flows}?move_resources_to_collection={Topic("Spare flows")}"));
        Assert.That(
            (await user.CallAsync(
                "GET", $"/hub/workflows/{Topic("Spare flows")}/{Topic("two")}/history?draft=true")).Text, Does.Contain(
                    "first").And
                .Contain("upgraded"));
        Is200(await user.CallAsync("GET", "/hub/integrations/fake/oauth-token/lasting"));
        Is200(await user.CallAsync("GET", "/hub/integrations/fake/oauth-login/again"));
        Is200(await user.CallAsync("DELETE", "/hub/integrations/fake/oauth-connections/maria"));
        using var replaced = await admin.PutConfigAsync(Configs.Body("slack", app.Canary));
        Assert.That((int)replaced.StatusCode, Is.EqualTo(200));
        using var removed = await admin.DeleteConfigAsync("slack");
        Assert.That((int)removed.StatusCode, Is.EqualTo(200));
    }

    private static void Is200(Reply reply) => Assert.That(reply.Status, Is.EqualTo(200), reply.ToString());

    private static string Topic(string name) => Subjects.TopicFor(name);

    private async Task<Dictionary<string, long>> SeedAsync()
    {
        await ExtractAsync("first.master.key", "master.key", isPacked: false);
        await ExtractAsync("first.db.gz", "gateway.db", isPacked: true);
        await using var source = new SqliteConnection(
            $"Data Source={Path.Combine(database.Directory, "gateway.db")};Pooling=False;Mode=ReadOnly");
        await source.OpenAsync();
        var counts = new Dictionary<string, long>();
        foreach (var table in Tables)
        {
            await using var count = source.CreateCommand();
            count.CommandText = $"select count(*) from {table}";
            counts[table] = (long)(await count.ExecuteScalarAsync())!;
        }

        if (engine == DatabaseProvider.SqlServer)
        {
            await CopyAsync(source);
        }

        return counts;
    }

    /// <summary>The same rows on SQL Server: under the first migrations, as their release journalled them.</summary>
    private async Task CopyAsync(SqliteConnection source)
    {
        await using var target = new SqlConnection(database.ConnectionString);
        await target.OpenAsync();
        foreach (var script in MigrationScripts.All.Take(FirstMigrations)
            .Select(script => script.Contents)
            .Prepend(HashJournal.CreateTableSql.SqlServer))
        {
            await using var command = target.CreateCommand();
            command.CommandText = script;
            await command.ExecuteNonQueryAsync();
        }

        foreach (var table in Tables.Append("schema_versions"))
        {
            await using var read = source.CreateCommand();
            read.CommandText = $"select * from {table}";
            await using var reader = await read.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                var columns = Enumerable.Range(0, reader.FieldCount).ToList();
                await using var insert = target.CreateCommand();
                var text =
                    $"insert into {table} ({string.Join(", ", columns.Select(reader.GetName))}) values ({string.Join(", ", columns.Select(i => "@p" + i))})";
                insert.CommandText = table == "changes"
                    ? $"set identity_insert changes on; {text}; set identity_insert changes off"
                    : text;
                foreach (var i in columns)
                {
                    var parameter = insert.Parameters.AddWithValue("@p" + i, reader.GetValue(i));
                    if (reader.GetDataTypeName(i).StartsWith("varbinary", StringComparison.OrdinalIgnoreCase))
                    {
                        parameter.SqlDbType = System.Data.SqlDbType.VarBinary;
                    }
                }

                await insert.ExecuteNonQueryAsync();
            }
        }
    }

    private async Task ExtractAsync(string resource, string file, bool isPacked)
    {
        await using var packed = typeof(UpgradeTests).Assembly.GetManifestResourceStream(resource)!;
        await using Stream content = isPacked ? new GZipStream(packed, CompressionMode.Decompress) : packed;
        var path = Path.Combine(database.Directory, file);
        await using var target = File.Create(path);
        await content.CopyToAsync(target);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
