using Microsoft.Data.Sqlite;
using Quiva.Gateway.Data;
using static SQLitePCL.raw;

namespace Quiva.Gateway.Tests.Data;

/// <summary>The writer's queue goes on whatever becomes of its connection.</summary>
public sealed class SqliteWriterTests : SqliteFixture
{
    [Test]
    public async Task A_connection_that_can_t_be_closed_does_not_end_the_queue([Values] bool byDatabase)
    {
        var opened = 0;
        using var writer = new SqliteWriter(
            () =>
            {
                var session = new SqliteSession($"Data Source={Path};Pooling=False", "pragma journal_mode = wal");
                if (++opened <= 2)
                {
                    session.Disposed += (_, _) => throw (byDatabase
                        ? new SqliteException("closing failed", SQLITE_IOERR)
                        : new InvalidOperationException("closing failed"));
                }

                return session;
            },
            TimeSpan.FromSeconds(3));
        for (var round = 0; round < 2; round++)
        {
            // What speaks against a connection has it renewed, after the commit.
            Assert.That(
                async () => await writer.RunAsync(
                    _ => Task.FromException<int>(new SqliteException("broken", SQLITE_IOERR)),
                    Durability.Full,
                    default),
                Throws.TypeOf<SqliteException>().With.Message.Contains("broken"));
        }

        Assert.That(await writer.RunAsync(_ => Task.FromResult(7), Durability.Full, default), Is.EqualTo(7));
        Assert.That(opened, Is.EqualTo(3));
    }

    [Test]
    public async Task What_was_committed_is_answered_so_although_its_connection_can_t_be_closed()
    {
        using var writer = new SqliteWriter(
            () =>
            {
                var session = new SqliteSession($"Data Source={Path};Pooling=False", "pragma journal_mode = wal");
                session.Disposed += (_, _) => throw new InvalidOperationException("closing failed");
                return session;
            },
            TimeSpan.FromSeconds(3));
        var (release, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        var held = writer.RunAsync(
            async _ =>
            {
                begun.SetResult();
                await release.Task;
                return 0;
            },
            Durability.Full,
            default);
        await begun.Task;
        // Both are in the next commit.
        var sound = writer.RunAsync(
            session =>
            {
                session.Run("insert into probes (id, probed_at) values (2, '2026-01-01')");
                return Task.FromResult(2);
            },
            Durability.Full,
            default);
        var broken = writer.RunAsync(
            _ => Task.FromException<int>(new SqliteException("broken", SQLITE_IOERR)), Durability.Full, default);
        release.SetResult();
        await held;
        Assert.That(await sound, Is.EqualTo(2));
        Assert.That(async () => await broken, Throws.TypeOf<SqliteException>());
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2 }));
    }
}
