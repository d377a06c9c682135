using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Data;

/// <summary>A database that is gone: 503 in bounded time, and recovery without a restart.</summary>
public sealed class UnavailableTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Test]
    public async Task A_database_that_is_locked_is_unavailable_until_it_is_not()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        using var admin = await app.AdminAsync();
        using (var holder =
            new SqliteConnection($"Data Source={Path.Combine(app.TestDatabase.Directory, "gateway.db")};Pooling=False"))
        {
            holder.Open();
            using var hold = holder.BeginTransaction();
            var watch = Stopwatch.StartNew();
            using var refused = await admin.PutConfigAsync(Configs.Body("busy"));
            Assert.That(watch.Elapsed, Is.LessThan(Bound), "The promise is that callers wait no longer than this.");
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(refused.Headers.RetryAfter!.Delta, Is.GreaterThan(TimeSpan.Zero));
        }

        using var accepted = await admin.PutConfigAsync(Configs.Body("busy"));
        Assert.That(accepted.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_database_whose_file_is_gone_is_unavailable_until_it_is_back()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        using var admin = await app.AdminAsync();
        var directory = app.TestDatabase.Directory;
        Directory.Move(directory, directory + "-gone");
        HttpStatusCode ready, live, put;
        try
        {
            using var refused = await admin.GetAsync("/hub/integrations/oauth-config");
            using var isReady = await admin.GetAsync("/health/ready");
            using var isLive = await admin.GetAsync("/health/live");
            (put, ready, live) = (refused.StatusCode, isReady.StatusCode, isLive.StatusCode);
        }
        finally
        {
            Directory.Move(directory + "-gone", directory);
        }

        using var accepted = await admin.PutConfigAsync(Configs.Body("back"));
        // Readiness is looked at once a second.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        using var back = await admin.GetAsync("/health/ready");
        Assert.That(
            (put, ready, live),
            Is.EqualTo((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK)));
        Assert.That((back.StatusCode, accepted.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
    }
}
