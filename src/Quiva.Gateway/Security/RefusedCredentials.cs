using System.Threading.RateLimiting;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Security;

/// <summary>
/// Logs credentials that were refused and callers that lack a role, with the address and never with the credentials: a
/// few lines a minute for each sender or caller and for all of them, so that an attack does not fill the log.
/// </summary>
internal sealed partial class RefusedCredentials(ILogger<RefusedCredentials> logger) : IDisposable
{
    private const int LinesOfSender = 5, LinesOfAll = 100;

    private readonly PartitionedRateLimiter<string> lines = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<string, string>(
            sender => RateLimitPartition.GetFixedWindowLimiter(sender, _ => PerMinute(LinesOfSender))),
        PartitionedRateLimiter.Create<string, string>(
            _ => RateLimitPartition.GetFixedWindowLimiter("", _ => PerMinute(LinesOfAll))));

    /// <summary>Logs it, unless there were many of late.</summary>
    /// <param name="context">The request.</param>
    /// <param name="scheme">The contract's name of the scheme.</param>
    public void Log(HttpContext context, string scheme)
    {
        var sender = ClientAddress.SenderOf(context.Connection.RemoteIpAddress);
        using var lease = lines.AttemptAcquire(sender);
        if (lease.IsAcquired)
        {
            LogRefused(scheme, sender);
        }
    }

    /// <summary>Logs that a caller lacks a role, unless there were many of late.</summary>
    /// <param name="context">The request of an authenticated caller.</param>
    public void LogForbidden(HttpContext context)
    {
        var caller = Caller.Of(context.User);
        var isKey = context.User.Identity?.AuthenticationType == ApiKeyHandler.Scheme;
        GatewayMetrics.Rejected(isKey ? ApiKeyHandler.Scheme : GatewayAuthentication.BearerScheme, "lacks_role");
        using var lease = lines.AttemptAcquire(caller.ToString());
        if (lease.IsAcquired)
        {
            var operation = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
            LogLacksRole(
                caller.Actor, caller.Account, operation, ClientAddress.SenderOf(context.Connection.RemoteIpAddress));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => lines.Dispose();

    private static FixedWindowRateLimiterOptions PerMinute(int lines) =>
        new() { PermitLimit = lines, Window = TimeSpan.FromMinutes(1) };

    [LoggerMessage(EventId = 1203, EventName = "CredentialsRejected", Level = LogLevel.Warning,
        Message = "Credentials ({Scheme}) from {Sender} were refused")]
    private partial void LogRefused(string scheme, string sender);

    [LoggerMessage(EventId = 1204, EventName = "RoleLacking", Level = LogLevel.Warning,
        Message = "{Actor} of {Account} lacks a role for {Operation}, from {Sender}")]
    private partial void LogLacksRole(string actor, string account, string? operation, string sender);
}
