namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>Revokes and forgets the tokens of sign-ins that nobody has finished in time, a few at a time.</summary>
public sealed partial class PendingSignInSweep(
    PendingSignInStore pendings, SignInFinish finish, TimeProvider time, ILogger<PendingSignInSweep> logger)
        : BackgroundService
{
    private const int BatchSize = 50, MostBatches = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Half to one and a half of the interval: instances come at different moments.
            await Task.Delay(Interval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception)
            {
                // Whatever it is, the next one tries again; an exception that left would stop the gateway.
                if (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(exception);
                }
            }
        }
    }

    /// <summary>Ends what is due.</summary>
    /// <param name="cancellationToken">Ends the sweep after the current sign-in.</param>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        for (var batch = 0; batch < MostBatches; batch++)
        {
            var due = await pendings.ListDueAsync(BatchSize, cancellationToken);
            foreach (var pending in due)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    await finish.EndAsync(pending, cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    LogSkipped(pending.Key.Subject, exception);
                }
            }

            if (due.Count < BatchSize)
            {
                return;
            }
        }
    }

    [LoggerMessage(EventId = 1316, EventName = "SignInSweepFailed", Level = LogLevel.Error,
        Message = "The sweep of unfinished sign-ins failed; the next one tries again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 1317, EventName = "SignInSweepSkipped", Level = LogLevel.Warning,
        Message = "An unfinished sign-in to {Subject} could not be ended yet")]
    private partial void LogSkipped(string subject, Exception exception);
}
