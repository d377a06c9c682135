using System.Diagnostics.Metrics;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>
/// Records each token that leaves the gateway: a log entry and a metric, with identifiers only. A read changes nothing,
/// so no row is written.
/// </summary>
public sealed partial class TokenAudit
{
    private readonly ILogger<TokenAudit> logger;
    private readonly Counter<long> returned;

    /// <summary>Creates the counter.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="logger">Takes the entries.</param>
    public TokenAudit(IMeterFactory meters, ILogger<TokenAudit> logger)
    {
        this.logger = logger;
        returned = meters.Create(GatewayMetrics.MeterName).CreateCounter<long>(
            "quiva.gateway.oauth.tokens_returned", "{token}", "Connections whose tokens were returned to a caller.");
    }

    /// <summary>Records that a connection's tokens are returned.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="operation">The contract's operation that returns them.</param>
    /// <param name="caller">Who gets them.</param>
    public void Record(ConnectionKey connection, string operation, Caller caller)
    {
        LogReturned(connection.Subject, caller.Actor, operation);
        returned.Add(1, new("integration", connection.Integration), new("operation", operation));
    }

    [LoggerMessage(EventId = 1405, EventName = "TokenReturned", Level = LogLevel.Information,
        Message = "Tokens of {Subject} returned to {Actor} by {Operation}")]
    private partial void LogReturned(string subject, string actor, string operation);
}
