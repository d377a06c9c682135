using Microsoft.Data.Sqlite;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

/// <summary>
/// SQLite's file vanishes, changes or refuses: unavailable, nothing acknowledged that is lost, and recovery without a
/// restart.
/// </summary>
public sealed class SqliteFileTests : SqliteFixture
{
    private Task<int> CountAsync() => Database.FindAsync<int>("select count(*) from probes");

    [Test]
    public async Task A_file_that_was_moved_away_is_missed_until_it_is_back()
    {
        await InsertAsync(2);
        await CountAsync();
        File.Move(Path, Path + ".gone");
        Assert.That(await IsUnavailableAsync(() => InsertAsync(3)));
        Assert.That(await IsUnavailableAsync(CountAsync));
        Assert.That(File.Exists(Path), Is.False, "It is not made anew.");
        File.Move(Path + ".gone", Path);
        await InsertAsync(4);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2, 4 }));
    }

    [Test]
    public async Task A_file_that_vanishes_in_the_middle_of_a_transaction_is_not_acknowledged()
    {
        var unavailable = await IsUnavailableAsync(() => Database.InTransactionAsync(
            transaction =>
            {
                File.Move(Path, Path + ".gone");
                return transaction.ExecuteAsync(InsertSql, new { id = 2 }, default);
            },
            default));
        File.Move(Path + ".gone", Path);
        Assert.That(unavailable);
    }

    [Test]
    public async Task A_file_in_the_place_of_another_is_used_from_then_on()
    {
        using var elsewhere = TestDatabase.Create(DatabaseProvider.Sqlite);
        using (var other = Open(elsewhere.Directory))
        {
            await InsertAsync(7, other);
        }

        await InsertAsync(2);
        await IdsAsync();
        await Replace(System.IO.Path.Combine(elsewhere.Directory, "gateway.db"));
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 7 }));
        await InsertAsync(8);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 7, 8 }));
        Assert.That(Count(Path, "probes"), Is.EqualTo(3), "What was acknowledged is in the file that is there.");
    }

    [TestCase("")]
    [TestCase("This is no database, and never was one.")]
    public async Task Another_file_in_its_place_is_unavailable(string content)
    {
        await InsertAsync(2);
        await CountAsync();
        var foreign = Path + ".foreign";
        await File.WriteAllTextAsync(foreign, content);
        await Replace(foreign);
        Assert.That(await IsUnavailableAsync(CountAsync));
        Assert.That(await IsUnavailableAsync(() => InsertAsync(3)));
        File.Move(Path + ".old", Path, overwrite: true);
        await InsertAsync(4);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2, 4 }));
    }

    [Test]
    public async Task A_file_of_an_older_version_is_unavailable()
    {
        using var elsewhere = TestDatabase.Create(DatabaseProvider.Sqlite);
        using (var other = Open(elsewhere.Directory))
        {
            await other.InTransactionAsync(transaction => transaction.ExecuteAsync(
                "delete from schema_versions where script like '0005%'", null, default), default);
        }

        await InsertAsync(2);
        await Replace(System.IO.Path.Combine(elsewhere.Directory, "gateway.db"));
        Assert.That(await IsUnavailableAsync(() => InsertAsync(3)));
    }

    [Test]
    public async Task A_connection_that_can_only_read_is_renewed()
    {
        await Database.InTransactionAsync(
            transaction => transaction.ExecuteAsync("pragma query_only = on", null, default), default);
        Assert.That(await IsUnavailableAsync(() => InsertAsync(2)));
        await InsertAsync(3);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task Reading_goes_on_while_another_process_writes_and_writing_afterwards()
    {
        using (var holder = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            holder.Open();
            using var hold = holder.BeginTransaction();
            var refused = Enumerable.Range(2, 8).Select(id => IsUnavailableAsync(() => InsertAsync(id))).ToList();
            Assert.That(await CountAsync(), Is.EqualTo(1));
            Assert.That(await Task.WhenAll(refused).WaitAsync(TimeSpan.FromSeconds(5)), Is.All.True);
        }

        await InsertAsync(2);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task A_file_full_of_nothing_is_unavailable()
    {
        await InsertAsync(2);
        using (var checkpoint = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            checkpoint.Open();
            using var command = checkpoint.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(truncate)";
            command.ExecuteNonQuery();
        }

        var (length, page) = (new FileInfo(Path).Length, 4096);
        using (var file = File.Open(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = page;
            file.Write(new byte[length - page]);
        }

        using var fresh = Unmigrated(System.IO.Path.GetDirectoryName(Path)!);
        Assert.That(await IsUnavailableAsync(() => fresh.FindAsync<int>("select count(*) from probes")));
    }

    [Test]
    public async Task Readiness_notices_what_can_not_be_written()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var probe = new DatabaseProbe(Database, time);
        Assert.That(await probe.IsReadyAsync(default));
        using var holder = new SqliteConnection($"Data Source={Path};Pooling=False");
        holder.Open();
        using (holder.BeginTransaction())
        {
            time.Advance(TimeSpan.FromSeconds(9));
            Assert.That(await probe.IsReadyAsync(default), "It wrote nine seconds ago.");
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.That(await probe.IsReadyAsync(default), Is.False);
        }

        Assert.That(await probe.IsReadyAsync(default), Is.False, "It looked just now.");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await probe.IsReadyAsync(default));
        File.Move(Path, Path + ".gone");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await probe.IsReadyAsync(default), Is.False);
        File.Move(Path + ".gone", Path);
    }

    // As an operator would: the log of the old file does not stay beside the new one.
    private async Task Replace(string by)
    {
        using (var checkpoint = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            await checkpoint.OpenAsync();
            using var command = checkpoint.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(truncate)";
            await command.ExecuteNonQueryAsync();
        }

        File.Move(Path, Path + ".old");
        File.Delete(Path + "-wal");
        File.Delete(Path + "-shm");
        File.Move(by, Path);
    }
}
