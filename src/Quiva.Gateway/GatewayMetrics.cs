using System.Diagnostics.Metrics;

namespace Quiva.Gateway;

/// <summary>
/// The gateway's own metrics besides those of runs, see <c>docs/metrics.md</c>. Every tag is from a short list: never
/// an account, an address, or what a caller or a provider has sent.
/// </summary>
internal static class GatewayMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Quiva.Gateway";

    /// <summary>The meter.</summary>
    public static Meter Meter { get; } = new(MeterName);

    private static readonly Counter<long> Refreshes =
        Meter.CreateCounter<long>(
            "quiva.gateway.oauth.refreshes", "{refresh}", "Renewals of connections that have ended, by outcome.");

    private static readonly Counter<long> Sweeps =
        Meter.CreateCounter<long>(
            "quiva.gateway.oauth.sweeps", "{sweep}", "Sweeps of expiring connections, by outcome.");

    private static readonly Gauge<double> Lag =
        Meter.CreateGauge<double>(
            "quiva.gateway.oauth.sweep.lag", "s", "How long the connection that is due longest has been due.");

    private static readonly Counter<long> Secrets =
        Meter.CreateCounter<long>(
            "quiva.gateway.secrets", "{secret}", "Secrets that were sealed or opened, by outcome.");

    private static readonly Counter<long> Rejections =
        Meter.CreateCounter<long>(
            "quiva.gateway.credentials.rejected", "{request}", "Requests whose credentials were rejected, by reason.");

    private static readonly Counter<long> Limited =
        Meter.CreateCounter<long>(
            "quiva.gateway.requests.rate_limited", "{request}", "Requests that the rate limit answered with 429.");

    private static readonly Counter<long> Unavailable =
        Meter.CreateCounter<long>(
            "quiva.gateway.database.unavailable", "{call}", "Calls to the database that it did not serve.");

    private static readonly Counter<long> Races =
        Meter.CreateCounter<long>(
            "quiva.gateway.database.retries",
            "{transaction}",
            "Transactions that ran again after a deadlock or a lost race.");

    private static readonly Gauge<int> IsReady =
        Meter.CreateGauge<int>(
            "quiva.gateway.ready", null, "Whether the last look at the database found it working: 1 or 0.");

    /// <summary>A renewal has ended.</summary>
    /// <param name="integration">The id of a configured integration.</param>
    /// <param name="outcome">
    /// <c>renewed</c>, <c>superseded</c>, or one of the codes of <see cref="Oauth.TokenEndpoint.ProviderError"/>.
    /// </param>
    public static void Refreshed(string integration, string outcome) =>
        Refreshes.Add(1, new("integration", integration), new("outcome", outcome));

    /// <summary>A sweep has ended.</summary>
    /// <param name="hasFailed">Whether it ended early.</param>
    public static void Swept(bool hasFailed) =>
        Sweeps.Add(1, new KeyValuePair<string, object?>("outcome", hasFailed ? "failed" : "completed"));

    /// <summary>How far the sweep lags behind.</summary>
    /// <param name="lag">How long the connection that is due longest has been due; zero when none is.</param>
    public static void SweepLags(TimeSpan lag) => Lag.Record(Math.Max(0, lag.TotalSeconds));

    /// <summary>A secret was sealed.</summary>
    public static void Sealed() => Secrets.Add(1, new("operation", "seal"), new("outcome", "done"));

    /// <summary>A secret was opened, or could not be.</summary>
    /// <param name="hasFailed">Whether it could not.</param>
    public static void Opened(bool hasFailed) =>
        Secrets.Add(1, new("operation", "open"), new("outcome", hasFailed ? "failed" : "done"));

    /// <summary>Credentials were rejected.</summary>
    /// <param name="scheme">The contract's name of the scheme.</param>
    /// <param name="reason">Why.</param>
    public static void Rejected(string scheme, string reason) =>
        Rejections.Add(1, new("scheme", scheme), new("reason", reason));

    /// <summary>A request was answered with 429 by the rate limit.</summary>
    /// <param name="isCaller">
    /// Whether it had valid credentials, so that the limit is its caller's and not its address's.
    /// </param>
    public static void RateLimited(bool isCaller) =>
        Limited.Add(1, new KeyValuePair<string, object?>("limit", isCaller ? "caller" : "address"));

    /// <summary>The database did not serve a call.</summary>
    public static void DatabaseWasUnavailable() => Unavailable.Add(1);

    /// <summary>A transaction runs again.</summary>
    public static void TransactionRetried() => Races.Add(1);

    /// <summary>The database was looked at.</summary>
    /// <param name="isReady">Whether it works.</param>
    public static void LookedAtDatabase(bool isReady) => IsReady.Record(isReady ? 1 : 0);
}
