using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Collections;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;
using Quiva.Gateway.Workflows;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// What the gateway makes at its first start: database, certificate, keys. Every variant gets a copy of it.
/// </summary>
internal sealed class Seed
{
    private readonly string directory;

    /// <summary>The only connection, to the only integration that is there from the start.</summary>
    public const string Integration = "seeded", Connection = "one";

    /// <summary>The path of the workflow of 500 nodes.</summary>
    public static string WorkflowPath { get; private set; } = "";

    private Seed(string directory, string key, string largeKey)
    {
        this.directory = directory;
        Key = key;
        LargeKey = largeKey;
    }

    /// <summary>An API key that may do everything, of an account with 100 collections.</summary>
    public string Key { get; }

    /// <summary>One of an account with 100,000.</summary>
    public string LargeKey { get; }

    /// <summary>The body that replaces the workflow's configuration.</summary>
    public static byte[] Patch(int version)
    {
        var topics = WorkflowPath.Split('/')[^2..];
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            subject = "ms.hub.config.workflow.draft." + string.Join('.', topics),
            config = Flow(version)
        });
    }

    public static async Task<Seed> MakeAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        // Its first start makes the certificate and the keys.
        (await Server.StartAsync(Variant.Gateway, directory)).Dispose();
        await using var app = Gateway.Program.Build(
            [
                "--environment=Development",
                $"--Gateway:DataDirectory={directory}",
                "--Logging:LogLevel:Default=Warning",
                .. Variant.Gateway.Settings
            ]);
        var services = app.Services;
        await Startup.MigrateAsync(services, () => Task.CompletedTask, default);
        var keys = services.GetRequiredService<ApiKeyStore>();
        string[] keyOf = [.. await Task.WhenAll(new[] { "small", "large" }.Select(async account =>
            (await keys.CreateAsync(account, [Role.QuivaAdmin, Role.Developer], "benchmark", null, default)).Key))];

        var caller = new Caller("small", "key:benchmark");
        var collection = await services.GetRequiredService<CollectionStore>()
            .CreateAsync(new() { Name = "Bench", Collection_type = "workflow" }, caller, default);
        var request = JsonSerializer.Deserialize<CreateWorkflowRequest>(
            JsonSerializer.Serialize(new
            {
                name = "Big",
                collection = collection.Value.Subject,
                config = Flow(0)
            }), services.GetRequiredService<IOptions<JsonOptions>>().Value.JsonSerializerOptions)!;
        var workflow = await services.GetRequiredService<WorkflowVersionStore>().CreateAsync(request, caller, default);
        WorkflowPath = "/hub/workflows/" + string.Join('/', workflow.Value.Subject.Split('.')[^2..]);
        await services.GetRequiredService<OauthConnectionStore>().SaveAsync(
            new()
            {
                Account = "small",
                Actor = caller.Actor,
                IntegrationId = Integration,
                ConnectionId = Connection,
                Scopes = "read"
            },
            new(
                "at-" + new string('x', 60),
                "rt-" + new string('y', 60),
                "Bearer",
                TimeSpan.FromDays(30)), DateTimeOffset.UtcNow, default);
        var database = services.GetRequiredService<Database>();
        foreach (var (account, most) in new[] { ("small", 99), ("large", 100_000) })
        {
            await database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(FillSql, new { account, most }, default), default);
            await database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(CountSql, new { account }, default), default);
        }

        return new(directory, keyOf[0], keyOf[1]);
    }

    private static readonly Sql FillSql = new(
        SqlServer: """
        insert into collections (account, subject, collection_type, topic, name, description, type, version, modified_at)
        select @account, concat('ms.hub.config.collection.node.', 1000000000 + n), 'node', cast(1000000000 + n as nvarchar(10)), concat('Collection ', n),
               'What is in it, in a line of text.', '', n, '2026-01-01'
          from (select top (@most) cast(row_number() over (order by (select null)) as int) as n from sys.all_columns a cross join sys.all_columns b) numbers
        """,
        Sqlite: """
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < @most)
        insert into collections (account, subject, collection_type, topic, name, description, type, version, modified_at)
        select @account, 'ms.hub.config.collection.node.' || (1000000000 + n), 'node', 1000000000 + n, 'Collection ' || n, 'What is in it, in a line of text.', '', n, '2026-01-01'
          from numbers
        """);

    private static readonly Sql CountSql = new(
        SqlServer: """
        delete from counters where account = @account and kind = 'collection' and scope = '';
        insert into counters (account, kind, scope, total, bytes)
        select account, 'collection', '', count(*), 0 from collections where account = @account group by account;
        """,
        Sqlite: """
        insert into counters (account, kind, scope, total, bytes)
        select account, 'collection', '', count(*), 0 from collections where account = @account group by account
            on conflict (account, kind, scope) do update set total = excluded.total
        """);

    private static object Flow(int version) => new
    {
        nodes = Enumerable.Range(0, 500).Select(i => new
        {
            id = $"n{i}",
            type = "step",
            data = new
            {
                id = $"n{i}",
                name = $"Step {i} v{version}",
                node_type = "map",
                payload = new { claim = "{trigger.claim}", amount = i, tags = new[] { "a", "b" } }
            },
            position = new { x = i * 10, y = i % 7 },
        }),
        edges = Enumerable.Range(0, 499).Select(i => new { id = $"e{i}", source = $"n{i}", target = $"n{i + 1}" }),
    };

    public string CopyTo(DirectoryInfo root, string name)
    {
        var copy = root.CreateSubdirectory(name).FullName;
        foreach (var file in Directory.GetFiles(directory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }
}
