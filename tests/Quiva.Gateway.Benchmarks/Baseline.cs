using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.Data.Sqlite;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Benchmarks;

/// <summary>
/// What the gateway is compared with: a minimal API written by hand for two operations, with the same libraries and
/// nothing general in it. The same as in the gateway: Kestrel with the same certificate; the key looked up by its hash
/// on every request, expiry, revocation and role; strict JSON; every constraint and URL rule of the contract; If-Match;
/// the old row read, its secret opened and compared; the secret sealed with Data Protection (AES-256-GCM) for its row;
/// the entry in <c>changes</c> and the row in one immediate transaction of one writer, WAL, synchronous FULL; ETag;
/// 400, 401, 403, 404, 412 and 503 with a body. Left out, as it does nothing for these requests: bearer tokens, rate
/// limits (off), health, Swagger.
/// </summary>
internal sealed partial class Baseline(string directory, IDataProtectionProvider protection) : IDisposable
{
    private const string FindKeySql =
        "select id, account, roles, expires_at, revoked_at from api_keys where hash = @hash";
    private const string FindSql =
        "select integration_id, name, scopes, version from oauth_configs where integration_id = @integration";
    private const string StoredSql =
        "select name, scopes, client_id, client_secret, auth_url, token_url, redirect_url, version from oauth_configs where integration_id = @integration";
    private const string AppendSql =
        "insert into changes (account, subject, kind, actor, occurred_at, fields) values (@account, @subject, @kind, @actor, @now, @fields) returning sequence";
    private const string SaveSql = """
        insert into oauth_configs (integration_id, name, scopes, client_id, client_secret, auth_url, token_url, redirect_url, version, modified_at)
        values (@integration_id, @name, @scopes, @client_id, @client_secret, @auth_url, @token_url, @redirect_url, @version, @now)
        on conflict (integration_id) do update set name = @name, scopes = @scopes, client_id = @client_id, client_secret = @client_secret,
            auth_url = @auth_url, token_url = @token_url, redirect_url = @redirect_url, version = @version, modified_at = @now
        """;

    private readonly string connectionString =
        $"Data Source={Path.Combine(directory, "gateway.db")};Foreign Keys=true;Default Timeout=3;Pooling=false";
    private readonly ConcurrentBag<SqliteSession> readers = [];
    private readonly SemaphoreSlim turn = new(1);
    private readonly IDataProtector secrets = protection.CreateProtector("Baseline", "oauth_configs", "client_secret");
    private SqliteSession? writer;

    public static async Task RunAsync(string[] args)
    {
        // Not the working directory, which is the data directory: ASP.NET watches the content root, and would be told
        // of every write.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory
        });
        var directory = builder.Configuration["Gateway:DataDirectory"]!;
        builder.Configuration["Kestrel:Certificates:Default:Path"] = Path.Combine(directory, "localhost.pfx");
        builder.WebHost.ConfigureKestrel(
            kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, 4 * 1024 * 1024));
        // Its keys are thrown away with the directory.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddDataProtection()
            .SetApplicationName("Baseline")
            .PersistKeysToFileSystem(new(Path.Combine(directory, "keys")))
            .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration
            {
                EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM
            });
        await using var app = builder.Build();
        using var api = new Baseline(directory, app.Services.GetRequiredService<IDataProtectionProvider>());
        api.SealTokens();
        app.UseHsts();
        app.MapGet(
            "/hub/integrations/{id}/oauth-config",
            (string id, HttpContext context) => AnswerAsync(context, () => api.GetAsync(id, context)));
        app.MapPut(
            "/hub/integrations/{id}/oauth-config",
            (string id, HttpContext context) => AnswerAsync(context, () => api.PutAsync(id, context)));
        app.MapGet(
            "/hub/integrations/{id}/oauth-token/{connection}",
            (string id, string connection, HttpContext context) =>
                AnswerAsync(context, () => api.TokenAsync(id, connection, context)));
        app.MapGet(
            "/hub/collections",
            (int? limit, HttpContext context) => AnswerAsync(context, () => api.ListAsync(limit ?? 100, context)));
        app.MapGet("/hub/workflows/{collection}/{flow}", (string collection, string flow, HttpContext context) =>
            AnswerAsync(context, () => api.WorkflowAsync(collection, flow, context)));
        app.MapPatch("/hub/workflows/{collection}/{flow}", (string collection, string flow, HttpContext context) =>
            AnswerAsync(context, () => api.PatchAsync(collection, flow, context)));
        await app.RunAsync();
    }

    public void Dispose()
    {
        writer?.Dispose();
        turn.Dispose();
        foreach (var reader in readers)
        {
            reader.Dispose();
        }
    }

    private static async Task AnswerAsync(HttpContext context, Func<Task<(int Status, object Body)>> work)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        var (status, body) = (503, (object)new Failure("The service is temporarily unavailable."));
        try
        {
            (status, body) = await work();
        }
        catch (JsonException)
        {
            (status, body) = (400, new Failure("The request body must be one JSON object."));
        }
        catch (SqliteException)
        {
            context.Response.Headers.RetryAfter = "5";
        }

        context.Response.StatusCode = status;
        if (body is ReadOnlyMemory<byte> text)
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = text.Length;
            await context.Response.Body.WriteAsync(text);
            return;
        }

        await context.Response.WriteAsJsonAsync(body, body.GetType(), Shapes.Default);
    }

    private async Task<(int, object)> GetAsync(string id, HttpContext context)
    {
        if (await FindCallerAsync(context) is null)
        {
            return Unauthorized(context);
        }

        if (id.Length > 64 || !Identifier().IsMatch(id))
        {
            return (400, new Failure("integration_id must be 1 to 64 letters, digits, '-' and '_'."));
        }

        if (await ReadAsync(connection =>
            connection.QueryFirstOrDefaultAsync<Stored>(FindSql, new { integration = id })) is not { } found)
        {
            return (404, new Failure("This integration has no OAuth configuration."));
        }

        context.Response.Headers.ETag = $"\"{found.Version}\"";
        return (200, new BasicData(id, found.Name, found.Scopes, "ms.integration.oauth.config." + id));
    }

    private async Task<(int, object)> PutAsync(string id, HttpContext context)
    {
        if (await FindCallerAsync(context) is not { } caller)
        {
            return Unauthorized(context);
        }

        if (!caller.Roles.Split(',').Contains("quiva-admin"))
        {
            return (403, new Failure("Your role does not allow this operation."));
        }

        if (!context.Request.HasJsonContentType())
        {
            return (415, new Failure("Send the body as application/json."));
        }

        var config = await context.Request.ReadFromJsonAsync(Shapes.Default.Config, context.RequestAborted);
        if (await FaultOfAsync(config, id) is { } fault)
        {
            return (400, new Failure(fault));
        }

        var required = context.Request.Headers.IfMatch.ToString();
        if (await SaveAsync(config!, required, caller) is not { } version)
        {
            return (412, new Failure("The stored version is not the one named in If-Match."));
        }

        context.Response.Headers.ETag = $"\"{version}\"";
        return (200, new Success("success"));
    }

    private static (int, object) Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "ApiKey";
        return (401, new Failure("Send one valid credential."));
    }

    private async Task<Key?> FindCallerAsync(HttpContext context)
    {
        if (context.Request.Headers["X-Api-Key"] is not [{ Length: 47 } sent]
            || context.Request.Headers.Authorization.Count > 0)
        {
            return null;
        }

        var key = await ReadAsync(connection => connection.QueryFirstOrDefaultAsync<Key>(
            FindKeySql, new { hash = SHA256.HashData(Encoding.UTF8.GetBytes(sent)) }));
        return key is { Revoked_at: null } && (key.Expires_at is null
            || DateTimeOffset.Parse(key.Expires_at, null) > DateTimeOffset.UtcNow) ? key : null;
    }

    private async Task<long?> SaveAsync(Config config, string required, Key caller)
    {
        var protector = secrets.CreateProtector(config.Integration_id!);
        var sealedSecret = protector.Protect(Encoding.UTF8.GetBytes(config.Client_secret!));
        return await WriteAsync<long?>(async writer =>
        {
            var old =
                await writer.QueryFirstOrDefaultAsync<Stored>(StoredSql, new { integration = config.Integration_id });
            if (required.Length > 0 && (old is null
                || (required != "*" && !required.Split(',').Any(tag => tag.Trim() == $"\"{old.Version}\""))))
            {
                return null;
            }

            var now = DateTimeOffset.UtcNow;
            var fields = new List<string>();
            Compare("name", old?.Name, config.Name);
            Compare("scopes", old?.Scopes, config.Scopes);
            Compare("client_id", old?.Client_id, config.Client_id);
            Compare(
                "client_secret",
                old is null ? null : Encoding.UTF8.GetString(protector.Unprotect(old.Client_secret)),
                config.Client_secret);
            Compare("auth_url", old?.Auth_url, config.Auth_url);
            Compare("token_url", old?.Token_url, config.Token_url);
            Compare("redirect_url", old?.Redirect_url, config.Redirect_url);
            var version = await writer.QuerySingleAsync<long>(
                AppendSql,
                new
                {
                    account = caller.Account,
                    subject = "ms.integration.oauth.config." + config.Integration_id,
                    kind = old is null ? "created" : "updated",
                    actor = "key:" + caller.Id,
                    now,
                    fields = string.Join(',', fields)
                });
            await writer.ExecuteAsync(
                SaveSql,
                new
                {
                    integration_id = config.Integration_id,
                    name = config.Name,
                    scopes = config.Scopes,
                    client_id = config.Client_id,
                    client_secret = sealedSecret,
                    auth_url = config.Auth_url,
                    token_url = config.Token_url,
                    redirect_url = config.Redirect_url,
                    version,
                    now
                });
            return version;

            void Compare(string field, string? before, string? after)
            {
                if (before != after)
                {
                    fields.Add(field);
                }
            }
        });
    }

    // Connections stay open and keep their compiled statements, as the gateway's do.
    private async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read)
    {
        var reader = readers.TryTake(out var idle) ? idle : new(connectionString, "pragma busy_timeout = 3000");
        var result = await read(reader);
        readers.Add(reader);
        return result;
    }

    private async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write)
    {
        if (!await turn.WaitAsync(TimeSpan.FromSeconds(3)))
        {
            throw new SqliteException("Busy.", SQLitePCL.raw.SQLITE_BUSY);
        }

        try
        {
            writer ??= new(
                connectionString, "pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 3000");
            writer.Run("begin immediate");
            var result = await write(writer);
            writer.Run("commit");
            return result;
        }
        finally
        {
            if (writer is { IsInTransaction: true })
            {
                writer.Run("rollback");
            }

            turn.Release();
        }
    }

    private sealed class Key
    {
        public string Id { get; init; } = "";

        public string Account { get; init; } = "";

        public string Roles { get; init; } = "";

        public string? Expires_at { get; init; }

        public string? Revoked_at { get; init; }
    }

    private sealed class Stored
    {
        public string Name { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string Client_id { get; init; } = "";

        public byte[] Client_secret { get; init; } = [];

        public string Auth_url { get; init; } = "";

        public string Token_url { get; init; } = "";

        public string Redirect_url { get; init; } = "";

        public long Version { get; init; }
    }

    private sealed record Config(
        string? Integration_id,
        string? Name,
        string? Scopes,
        string? Client_id,
        string? Client_secret,
        string? Auth_url,
        string? Token_url,
        string? Redirect_url);

    private sealed record BasicData(string Integration_id, string Name, string Scopes, string Subject);

    private sealed record Success(string Message);

    private sealed record Failure(string Error);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
    [JsonSerializable(typeof(Config))]
    [JsonSerializable(typeof(BasicData))]
    [JsonSerializable(typeof(Success))]
    [JsonSerializable(typeof(Failure))]
    [JsonSerializable(typeof(Token))]
    [JsonSerializable(typeof(Listed))]
    private sealed partial class Shapes : JsonSerializerContext;
}
