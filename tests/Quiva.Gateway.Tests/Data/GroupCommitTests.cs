using System.Diagnostics.Metrics;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Data;

/// <summary>SQLite's writer commits once for all that wait, and each of them has its own outcome.</summary>
public sealed class GroupCommitTests : SqliteFixture
{
    [Test]
    public async Task Those_who_wait_share_one_commit()
    {
        var batches = new List<int>();
        using var listener = new MeterListener { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<int>((_, count, _, _) => batches.Add(count));
        listener.Start();
        var (release, held) = await HoldWriterAsync();
        var waiting = Enumerable.Range(2, 20).Select(id => InsertAsync(id)).ToList();
        release.SetResult();
        await Task.WhenAll([held, .. waiting]);
        Assert.That(batches.Sum(), Is.EqualTo(21));
        Assert.That(
            batches,
            Has.Count.LessThanOrEqualTo(2),
            "One for who held the writer, and those that came in time; one for the others.");
        Assert.That(await IdsAsync(), Has.Count.EqualTo(20));

        static void Enable(Instrument instrument, MeterListener listener)
        {
            if (instrument.Name == "quiva.gateway.writer.batch")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }
    }

    [Test]
    public async Task A_caller_that_fails_rolls_back_alone()
    {
        var (release, held) = await HoldWriterAsync();
        var before = InsertAsync(2);
        var failing = Database.InTransactionAsync<int>(
            async transaction =>
            {
                await transaction.ExecuteAsync(InsertSql, new { id = 3 }, default);
                throw new GatewayException(GatewayError.Conflict, "No.");
            },
            default);
        var after = InsertAsync(4);
        release.SetResult();
        await Task.WhenAll(held, before, after);
        Assert.That(
            async () => await failing,
            Throws.InstanceOf<GatewayException>().With.Property("Error").EqualTo(GatewayError.Conflict));
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2, 4 }));
    }

    [Test]
    public async Task A_caller_that_gives_up_changes_nothing()
    {
        using var impatience = new CancellationTokenSource();
        var ran = false;
        var (release, held) = await HoldWriterAsync();
        var before = InsertAsync(2);
        var waiting = Database.InTransactionAsync(_ => Task.FromResult(ran = true), impatience.Token);
        var running = Database.InTransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(InsertSql, new { id = 3 }, default);
                await impatience.CancelAsync();
                return await transaction.ExecuteAsync(InsertSql, new { id = 4 }, impatience.Token);
            },
            default);
        var after = InsertAsync(5);
        await impatience.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        release.SetResult();
        await Task.WhenAll(held, before, after);
        Assert.That(async () => await running, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2, 5 }));
        Assert.That(ran, Is.False);
    }

    [Test]
    public async Task The_turn_comes_within_the_limit_or_not_at_all()
    {
        var (release, held) = await HoldWriterAsync();
        Assert.That(await IsUnavailableAsync(() => InsertAsync(2)));
        release.SetResult();
        await held;
        await InsertAsync(3);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task Accounts_take_turns_and_each_keeps_its_order()
    {
        var order = new List<string>();
        var (release, held) = await HoldWriterAsync();
        var waiting = Enumerable.Range(0, 100).Select(i => WriteAsync("busy", i)).ToList();
        waiting.AddRange(Enumerable.Range(0, 2).Select(i => WriteAsync("calm", i)));
        release.SetResult();
        await Task.WhenAll([held, .. waiting]);
        Assert.That(
            order.Where(entry => entry.StartsWith("busy", StringComparison.Ordinal)),
            Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"busy {i}")));
        Assert.That((order.IndexOf("calm 0"), order.IndexOf("calm 1")), Is.EqualTo((1, 3)));

        Task<int> WriteAsync(string account, int number)
        {
            WriterTurn.Account = account;
            return Database.InTransactionAsync(
                transaction =>
                {
                    Assert.That(WriterTurn.Account, Is.EqualTo(account), "Work runs as its caller would run it.");
                    order.Add($"{account} {number}");
                    return Task.FromResult(0);
                },
                default);
        }
    }

    [Test]
    public async Task What_fills_the_disk_is_refused_and_the_others_are_kept()
    {
        var (release, held) = await HoldWriterAsync(LimitAsync);
        var before = InsertAsync(2);
        var large = Database.InTransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(InsertSql, new { id = 3 }, default);
                return await transaction.ExecuteAsync(
                    "insert into changes (account, subject, kind, actor, occurred_at, fields, body) values ('a', 's', 'k', 'a', '2026', '', zeroblob(1000000))",
                    null,
                    default);
            },
            default);
        var after = InsertAsync(4);
        release.SetResult();
        await Task.WhenAll(held, before, after);
        Assert.That(await IsUnavailableAsync(() => large));
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { 2, 4 }));

        static async Task LimitAsync(Transaction transaction)
        {
            var pages = await transaction.FindAsync<int>("pragma page_count", null, default);
            await transaction.FindAsync<int>($"pragma max_page_count = {pages + 10}", null, default);
        }
    }

    [Test]
    public async Task Only_who_may_do_without_it_does_without_the_flush()
    {
        var (release, held) = await HoldWriterAsync();
        Task<int>[] waiting = [SynchronousAsync(Durability.Relaxed), SynchronousAsync(Durability.Full)];
        release.SetResult();
        await held;
        Assert.That(
            await Task.WhenAll(waiting),
            Is.EqualTo(new[] { 2, 2 }),
            "Who commits together with others shares their flush.");
        Assert.That(await SynchronousAsync(Durability.Relaxed), Is.EqualTo(1));
        Assert.That(await SynchronousAsync(Durability.Full), Is.EqualTo(2));

        Task<int> SynchronousAsync(Durability durability) => Database.InTransactionAsync(
            transaction => transaction.FindAsync<int>("pragma synchronous", null, default), durability, default);
    }

    [Test]
    public async Task A_transaction_is_of_no_use_after_its_work()
    {
        Transaction? kept = null;
        await Database.InTransactionAsync(transaction => Task.FromResult(kept = transaction), default);
        Assert.That(
            () => kept!.ExecuteAsync(InsertSql, new { id = 2 }, default), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Two_processes_write_one_file()
    {
        using var other = OpenAnother();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await InsertAsync(2 + (writer * 20) + i, writer % 2 == 0 ? Database : other);
            }
        })));
        Assert.That(await IdsAsync(), Is.EqualTo(Enumerable.Range(2, 320)));
    }
}
