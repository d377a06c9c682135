using System.Data.Common;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Data;

/// <summary>
/// A SQL Server that can't be reached: callers learn so within 5 seconds, however many they are and however it fails.
/// </summary>
public sealed class ReachTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5);

    [Test]
    public async Task A_server_that_can_t_be_reached_is_unavailable_in_bounded_time(
        [Values("refuses", "hangs", "answers garbage")] string fault, [Values(1, 10, 40)] int clients)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var end = new CancellationTokenSource();
        var serving = Task.CompletedTask;
        if (fault == "refuses")
        {
            listener.Stop();
        }
        else
        {
            serving = ServeAsync(listener, fault == "hangs", end.Token);
        }

        // One second, so that a busy machine has four to spare.
        await using var app = Program.Build(
        [
            "--environment=Development", "--Logging:LogLevel:Default=None", "--Database:Provider=SqlServer", "--Database:TimeoutSeconds=1",
            $"--ConnectionStrings:Gateway=Server=tcp:127.0.0.1,{port};Database=x;User Id=x;Password=x;TrustServerCertificate=True",
        ]);
        var database = (Database)app.Services.GetService(typeof(Database))!;
        for (var round = 0; round < 2; round++)
        {
            var waits = await Task.WhenAll(Enumerable.Range(0, clients).Select(async i =>
            {
                var watch = Stopwatch.StartNew();
                if (i % 4 == 0)
                {
                    // What /health/ready asks.
                    Assert.That(await database.IsReachableAsync(default), Is.False);
                }
                else
                {
                    var refusal = i % 4 == 1
                        ? await Assert.ThrowsAsync<GatewayException>(() => database.InTransactionAsync(
                            transaction => transaction.ExecuteAsync(Database.PingSql, null, default), default))
                        : await Assert.ThrowsAsync<GatewayException>(() => database.FindAsync<int>(Database.PingSql));
                    Assert.That(refusal!.Error, Is.EqualTo(GatewayError.Unavailable));
                }

                return watch.Elapsed;
            }));
            Assert.That(waits, Has.All.LessThan(Promised));
        }

        await end.CancelAsync();
        await serving;
    }

    [Test]
    public async Task While_opening_fails_others_are_answered_at_once_and_the_first_to_succeed_ends_that()
    {
        var (attempts, isUp) = (0, false);
        var reach = new Reach(Promised, Promised);
        for (var i = 0; i < 100; i++)
        {
            Assert.That(async () => await reach.OpenAsync(OpenAsync, default), Throws.TypeOf<OutOfReachException>());
        }

        Assert.That(attempts, Is.LessThan(10), "Most of them did not ask the server.");
        isUp = true;
        Assert.That(async () => await reach.OpenAsync(OpenAsync, default), Is.Not.Null.After(3000, 100));

        Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
        {
            attempts++;
            return isUp
                ? Task.FromResult<DbConnection>(new RecordingConnection())
                : Task.FromException<DbConnection>(new IOException("connection reset"));
        }
    }

    // A connection of the pool whose server has gone silent: SqlClient itself would wait 5 seconds longer than its
    // time-out.
    [Test]
    public async Task Work_on_a_connection_that_hangs_is_given_up_and_commits_nothing_any_more()
    {
        var (silence, reach) = (new TaskCompletionSource(), new Reach(Promised, TimeSpan.FromMilliseconds(200)));
        var committed = new TaskCompletionSource<bool>();
        Assert.That(
            async () => await reach.WithinAsync(async limit =>
            {
                await silence.Task;
                committed.SetResult(!limit.IsCancellationRequested);
                return 0;
            }),
            Throws.TypeOf<OutOfReachException>().With.InnerException.TypeOf<TimeoutException>());
        silence.SetResult();
        Assert.That(await committed.Task.WaitAsync(Promised), Is.False);
    }

    [Test]
    public async Task A_connection_that_comes_too_late_goes_back_to_the_pool()
    {
        var late = new TaskCompletionSource<DbConnection>();
        using var connection = new RecordingConnection();
        var disposed = new TaskCompletionSource();
        connection.Disposed += (_, _) => disposed.TrySetResult();
        Assert.That(
            async () => await new Reach(TimeSpan.FromMilliseconds(50), Promised).OpenAsync(_ => late.Task, default),
            Throws.TypeOf<OutOfReachException>());
        late.SetResult(connection);
        await disposed.Task.WaitAsync(Promised);
    }

    [Test]
    public void A_stream_that_breaks_is_out_of_reach_and_a_fault_of_the_work_is_not()
    {
        var reach = new Reach(Promised, Promised);
        Assert.That(
            async () => await reach.WithinAsync<int>(_ => Task.FromException<int>(new IOException("reset"))),
            Throws.TypeOf<OutOfReachException>());
        Assert.That(
            async () => await reach.WithinAsync<int>(_ => Task.FromException<int>(new SocketException(104))),
            Throws.TypeOf<OutOfReachException>());
        Assert.That(
            async () => await reach.WithinAsync<int>(_ => Task.FromException<int>(new LostRaceException())),
            Throws.TypeOf<LostRaceException>());
    }

    private static async Task ServeAsync(TcpListener listener, bool isSilent, CancellationToken end)
    {
        var open = new List<TcpClient>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(end);
                open.Add(client);
                if (!isSilent)
                {
                    await client.GetStream().WriteAsync(RandomNumberGenerator.GetBytes(512), end);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            open.ForEach(client => client.Dispose());
        }
    }
}
