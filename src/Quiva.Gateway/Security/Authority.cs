using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Quiva.Gateway.Security;

/// <summary>
/// The identity provider whose keys validate bearer tokens. While they were never read, a token is neither good nor
/// bad: the answer is 503, so that callers try again instead of throwing their token away.
/// </summary>
internal static partial class Authority
{
    private static readonly object Missing = new();

    /// <summary>Whether the keys are there, or can be read now.</summary>
    /// <param name="authority">What reads and keeps them.</param>
    /// <param name="context">The request that needs them; remembers that they are missing.</param>
    public static async Task<bool> IsReachableAsync(
        IConfigurationManager<OpenIdConnectConfiguration> authority, HttpContext context)
    {
        try
        {
            await authority.GetConfigurationAsync(context.RequestAborted);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException
            or OperationCanceledException)
        {
            context.Items[Missing] = true;
            LogUnreachable(
                context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Authority).FullName!));
            return false;
        }
    }

    /// <summary>Whether a request has met a missing authority.</summary>
    /// <param name="context">The request.</param>
    public static bool IsMissing(HttpContext context) => context.Items.ContainsKey(Missing);

    [LoggerMessage(EventId = 1201, EventName = "AuthorityUnreachable", Level = LogLevel.Warning,
        Message = "The authority of bearer tokens (Authentication:Schemes:Bearer:Authority) can't be reached")]
    private static partial void LogUnreachable(ILogger logger);
}
