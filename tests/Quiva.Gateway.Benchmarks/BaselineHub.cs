using System.Buffers;
using System.Text;
using System.Text.Json;
using Dapper;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Benchmarks;

// The other operations that are measured, by hand: tokens opened for their row; a workflow's text validated in one
// pass, stored and answered as it came.
internal sealed partial class Baseline
{
    private const string TokensSql =
        "select access_token, refresh_token, token_type, expires_at, version, modified_at from oauth_connections where account = @account and integration_id = @integration and connection_id = @connection";
    private const string SealSql = "update oauth_connections set access_token = @access, refresh_token = @refresh";
    private const string ListSql =
        "select subject, collection_type, topic, name, description, modified_at from collections where account = @account and subject > @after order by subject limit @rows";
    private const string TotalSql =
        "select total from counters where account = @account and kind = 'collection' and scope = ''";
    private const string WorkflowSql =
        "select name, description, cast(config as blob) as config, archived, version from workflows where account = @account and subject = @subject";
    private const string UpdateSql =
        "update workflows set config = @config, version = @version, modified_at = @now where account = @account and subject = @subject";
    private const string AppendBodySql =
        "insert into changes (account, subject, kind, actor, occurred_at, fields, resource, body) values (@account, @subject, 'updated', @actor, @now, 'config', @subject, @config) returning sequence";

    // Its keys are not the gateway's.
    private void SealTokens()
    {
        using var connection = new SqliteSession(connectionString, "pragma busy_timeout = 3000");
        connection.Execute(SealSql, new
        {
            access = Seal("access_token", "at-" + new string('x', 60)),
            refresh = Seal("refresh_token", "rt-" + new string('y', 60))
        });

        byte[] Seal(string column, string token) =>
            secrets.CreateProtector(column).Protect(Encoding.UTF8.GetBytes(token));
    }

    private async Task<(int, object)> TokenAsync(string id, string connectionId, HttpContext context)
    {
        if (await FindCallerAsync(context) is not { } caller)
        {
            return Unauthorized(context);
        }

        if (!caller.Roles.Split(',').Contains("developer"))
        {
            return (403, new Failure("Your role does not allow this operation."));
        }

        if (await ReadAsync(connection => connection.QueryFirstOrDefaultAsync<StoredTokens>(
            TokensSql,
            new { account = caller.Account, integration = id, connection = connectionId })) is not { } stored)
        {
            return (404, new Failure("There is no such connection."));
        }

        var expires = stored.Expires_at is null ? (DateTimeOffset?)null : DateTimeOffset.Parse(stored.Expires_at, null);
        context.Response.Headers.ETag = $"\"{stored.Version}\"";
        return (200, new Token(
            Open("access_token", stored.Access_token), stored.Token_type, Open(
                "refresh_token", stored.Refresh_token), expires,
            expires is null
                ? null
                : (long)(expires.Value - DateTimeOffset.UtcNow).TotalSeconds, stored.Version, $"ms.integration.oauth.{caller.Account}.{id}.{connectionId}"));

        string Open(string column, byte[] text) =>
            Encoding.UTF8.GetString(secrets.CreateProtector(column).Unprotect(text));
    }

    private async Task<(int, object)> ListAsync(int limit, HttpContext context)
    {
        if (await FindCallerAsync(context) is not { } caller)
        {
            return Unauthorized(context);
        }

        var rows = (await ReadAsync(connection => connection.QueryAsync<StoredCollection>(
            ListSql, new { account = caller.Account, after = "", rows = limit + 1 })))
            .AsList();
        var total = await ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<long>(TotalSql, new { account = caller.Account }));
        return (200, new Listed(
            [.. rows.Take(limit)
                .Select(row => new Collection(row.Subject, row.Collection_type, row.Topic, row.Name, row.Description))],
            total,
            rows.Count > limit ? rows[limit - 1].Subject : null));
    }

    private async Task<(int, object)> WorkflowAsync(string collection, string flow, HttpContext context)
    {
        if (await FindCallerAsync(context) is not { } caller)
        {
            return Unauthorized(context);
        }

        var subject = $"ms.hub.config.workflow.draft.{collection}.{flow}";
        if (await ReadAsync(connection => connection.QueryFirstOrDefaultAsync<StoredFlow>(
            WorkflowSql, new { account = caller.Account, subject })) is not { } stored)
        {
            return (404, new Failure("There is no such workflow."));
        }

        context.Response.Headers.ETag = $"\"{stored.Version}\"";
        return (200, Answer(subject, stored.Name, stored.Description, stored.Config));
    }

    private async Task<(int, object)> PatchAsync(string collection, string flow, HttpContext context)
    {
        if (await FindCallerAsync(context) is not { } caller)
        {
            return Unauthorized(context);
        }

        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var subject = $"ms.hub.config.workflow.draft.{collection}.{flow}";
        if (!body.RootElement.TryGetProperty("config", out var config) || FaultOf(config) is not null)
        {
            return (400, new Failure("config is missing, or breaks the contract."));
        }

        var text = config.GetRawText();
        var (version, stored) = await WriteAsync(async writer =>
        {
            if (await writer.QueryFirstOrDefaultAsync<StoredFlow>(
                WorkflowSql, new { account = caller.Account, subject }) is not { } stored)
            {
                return (0, null);
            }

            var now = DateTimeOffset.UtcNow;
            var version = await writer.QuerySingleAsync<long>(
                AppendBodySql,
                new { account = caller.Account, subject, actor = "key:" + caller.Id, now, config = text });
            await writer.ExecuteAsync(
                UpdateSql, new { account = caller.Account, subject, config = text, version, now });
            return (version, (StoredFlow?)stored);
        });
        if (stored is null)
        {
            return (404, new Failure("There is no such workflow."));
        }

        context.Response.Headers.ETag = $"\"{version}\"";
        return (200, Answer(subject, stored.Name, stored.Description, Encoding.UTF8.GetBytes(text)));
    }

    // Names, lengths, and that edges lead from node to node.
    private static string? FaultOf(JsonElement config)
    {
        var ids = new HashSet<string>();
        foreach (var node in config.GetProperty("nodes").EnumerateArray())
        {
            var data = node.GetProperty("data");
            if (data.GetProperty("id").GetString() is not { Length: > 0 and <= 200 } id
                || !ids.Add(id)
                || data.GetProperty("node_type").GetString() is not { Length: > 0 and <= 50 })
            {
                return "A node breaks the contract.";
            }
        }

        foreach (var edge in config.GetProperty("edges").EnumerateArray())
        {
            if (!ids.Contains(edge.GetProperty("source").GetString()!)
                || !ids.Contains(edge.GetProperty("target").GetString()!))
            {
                return "An edge leads nowhere.";
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Answer(string subject, string name, string description, byte[] config)
    {
        var buffer = new ArrayBufferWriter<byte>(config.Length + 512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("subject", subject);
        json.WriteString("name", name);
        json.WriteString("description", description);
        json.WritePropertyName("config");
        json.WriteRawValue(config, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private sealed class StoredTokens
    {
        public byte[] Access_token { get; init; } = [];

        public byte[] Refresh_token { get; init; } = [];

        public string Token_type { get; init; } = "";

        public string? Expires_at { get; init; }

        public long Version { get; init; }
    }

    private sealed class StoredCollection
    {
        public string Subject { get; init; } = "";

        public string Collection_type { get; init; } = "";

        public string Topic { get; init; } = "";

        public string Name { get; init; } = "";

        public string Description { get; init; } = "";
    }

    private sealed class StoredFlow
    {
        public string Name { get; init; } = "";

        public string Description { get; init; } = "";

        public byte[] Config { get; init; } = [];

        public long Version { get; init; }
    }

    private sealed record Token(
        string Access_token,
        string Token_type,
        string Refresh_token,
        DateTimeOffset? Expiry,
        long? Expires_in,
        long Sequence,
        string Subject);

    private sealed record Collection(
        string Subject, string Collection_type, string Topic, string Name, string Description);

    private sealed record Listed(List<Collection> Results, long Results_total, string? Next);
}
