using System.Data.Common;
using Polly;
using Polly.CircuitBreaker;

namespace Quiva.Gateway.Data;

/// <summary>The server can't be reached, does not answer in time, or answers what is no answer.</summary>
/// <param name="inner">How that showed.</param>
internal sealed class OutOfReachException(Exception inner) : DbException("The database can't be reached.", inner);

/// <summary>
/// Bounds what a caller waits for a server over the network, whatever its driver does: SqlClient opens one connection
/// at a time, so that failures queue, and waits 5 seconds more for the server to confirm that it gave up on a command.
/// </summary>
/// <param name="openLimit">What opening a connection may take.</param>
/// <param name="limit">What opening and using it may take together.</param>
internal sealed class Reach(TimeSpan openLimit, TimeSpan limit)
{
    // Two failures within two seconds are enough, among up to 200 times as many connections out of the pool. While it
    // is open, and while the one that tries next is waiting, everyone else is answered at once.
    private readonly ResiliencePipeline breaker = new ResiliencePipelineBuilder()
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.005,
            MinimumThroughput = 2,
            SamplingDuration = TimeSpan.FromSeconds(2),
            BreakDuration = TimeSpan.FromMilliseconds(500),
        })
        .Build();

    /// <summary>Opens a connection in bounded time, unless others have just failed to.</summary>
    /// <param name="openAsync">Opens it; disposes of what it could not open.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OutOfReachException">It could not be opened, for whatever reason.</exception>
    public async Task<DbConnection> OpenAsync(
        Func<CancellationToken, Task<DbConnection>> openAsync, CancellationToken cancellationToken)
    {
        try
        {
            return await breaker.ExecuteAsync(
                async token => await OpenInTimeAsync(openAsync, token), cancellationToken);
        }
        catch (BrokenCircuitException exception)
        {
            throw new OutOfReachException(exception);
        }
    }

    /// <summary>Runs work on a connection, and gives up on it when it takes too long.</summary>
    /// <typeparam name="T">What the work returns.</typeparam>
    /// <param name="work">
    /// What to do; it may go on after the caller was answered, and must not commit any more once its token is
    /// cancelled.
    /// </param>
    /// <exception cref="OutOfReachException">It took too long, or the connection broke.</exception>
    public async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        using var deadline = new CancellationTokenSource(limit);
        var running = work(deadline.Token);
        try
        {
            return await running.WaitAsync(limit);
        }
        catch (TimeoutException exception) when (!running.IsCompleted)
        {
            // Linked tokens and timers lag a little behind each other; from here on nothing may be committed.
            await deadline.CancelAsync();
            Forget(running);
            throw new OutOfReachException(exception);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            throw new OutOfReachException(exception);
        }
    }

    private async Task<DbConnection> OpenInTimeAsync(
        Func<CancellationToken, Task<DbConnection>> openAsync, CancellationToken cancellationToken)
    {
        // Cancelled when the wait is over, so that the driver does not try on behalf of nobody.
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var opening = Task.FromException<DbConnection>(new InvalidOperationException());
        try
        {
            opening = openAsync(waiting.Token);
            return await opening.WaitAsync(openLimit, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await waiting.CancelAsync();
            Forget(opening);
            throw new OutOfReachException(exception);
        }
    }

    // What a driver throws when the bytes end or make no sense; what the server itself says is a SqlException with a
    // number.
    private static bool IsBroken(Exception exception) =>
        exception is IOException or System.Net.Sockets.SocketException
        || (exception is not DbException && exception.Source == "Microsoft.Data.SqlClient");

    // A connection that comes after all goes back to the pool; an exception of what nobody waits for is no news.
    private static void Forget<T>(Task<T> task) => _ = task.ContinueWith(
        static done =>
        {
            if (done.IsCompletedSuccessfully)
            {
                (done.Result as IDisposable)?.Dispose();
            }
            else
            {
                _ = done.Exception;
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
