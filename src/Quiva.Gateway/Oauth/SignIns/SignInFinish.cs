using System.Security.Cryptography;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>
/// Makes the tokens of a sign-in that waits the connection, when who brings its handle also brings its session, and
/// revokes them otherwise. A handle has gone through the browser of whoever signed in at the provider; the session has
/// stayed with whoever started the sign-in, or is that browser's own. So nobody can sign another person in to his own
/// connection by sending him an address.
/// </summary>
public sealed partial class SignInFinish(
    PendingSignInStore pendings,
    OauthConfigStore configs,
    OauthConnectionStore connections,
    TokenRevocation revocation,
    TimeProvider time,
    ILogger<SignInFinish> logger)
{
    /// <summary>How often revoking is tried before the tokens are forgotten all the same.</summary>
    public const int MostAttempts = 5;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);

    /// <summary>Finishes a sign-in that was started with a return address.</summary>
    /// <param name="integration">The integration's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="handle">What the browser brought.</param>
    /// <param name="session">What the application has kept.</param>
    /// <param name="caller">Who finishes it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">
    /// No such sign-in waits for the account; or session or connection are another one's, which ends it.
    /// </exception>
    public async Task<Connection> ByApplicationAsync(
        string integration, string connection, string handle, string session, Caller caller, CancellationToken cancellationToken)
    {
        if (await pendings.FindAsync(handle, cancellationToken) is not { InBrowser: false } pending
            || pending.Account != caller.Account)
        {
            throw SignInFaults.UnknownHandle;
        }

        // A session is one connection's: an application that takes both from another user's session brings the wrong
        // pair, whatever the path.
        var isPair = pending.IsOf(session)
            && (pending.IntegrationId, pending.ConnectionId) == (integration, connection);
        if (pending.Status == PendingSignIn.Finished && isPair)
        {
            throw SignInFaults.FinishedBefore;
        }

        if (!IsWaiting(pending))
        {
            throw SignInFaults.UnknownHandle;
        }

        await RequireAsync(isPair, pending, SignInFaults.OtherSession, cancellationToken);
        await RequireUnchangedConfigAsync(pending, cancellationToken);
        return await FinishAsync(pending, caller.Actor, SignInFaults.UnknownHandle, cancellationToken)
            ?? throw SignInFaults.FinishedBefore;
    }

    /// <summary>Finishes a sign-in by a click, or ends it.</summary>
    /// <param name="handle">What the form brought.</param>
    /// <param name="session">What the cookie brought; null without one.</param>
    /// <param name="isWanted">Whether the connection is wanted.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">No such sign-in waits in this browser, or it was declined.</exception>
    public async Task<SignInAnswer.Stored> ByBrowserAsync(
        string handle, string? session, bool isWanted, CancellationToken cancellationToken)
    {
        if (await pendings.FindAsync(handle, cancellationToken) is not { InBrowser: true } pending)
        {
            throw SignInFaults.UnknownState;
        }

        var isOwn = session is not null && pending.IsOf(session);
        if (pending.Status == PendingSignIn.Finished && isOwn)
        {
            return await BeforeAsync(pending, cancellationToken);
        }

        if (!IsWaiting(pending))
        {
            throw SignInFaults.UnknownState;
        }

        await RequireAsync(isOwn, pending, SignInFaults.UnknownState, cancellationToken);
        await RequireAsync(isWanted, pending, SignInFaults.Declined, cancellationToken);
        await RequireUnchangedConfigAsync(pending, cancellationToken);
        return await FinishAsync(pending, pending.Actor, SignInFaults.UnknownState, cancellationToken) is { } connection
            ? new(connection, Before: false)
            : await BeforeAsync(pending, cancellationToken);
    }

    /// <summary>Ends a sign-in that nobody may finish any more: revokes its tokens, and forgets it.</summary>
    /// <param name="pending">The sign-in.</param>
    /// <param name="cancellationToken">Ends the work before the provider is asked.</param>
    /// <returns>False when its tokens may still be valid: revoking them failed, or is another's affair.</returns>
    public async Task<bool> EndAsync(PendingSignIn pending, CancellationToken cancellationToken)
    {
        // Recorded before it is tried: what fails each time, or ends the process, does so a few times at most, ever
        // more rarely.
        if (pending.Tokens is not null
            && !await pendings.EndAsync(pending, FirstRetry * Math.Pow(2, pending.Attempts), cancellationToken))
        {
            return false;
        }

        var isRevoked = pending.Tokens is null || await RevokeAsync(pending, cancellationToken);
        if (isRevoked || pending.Attempts + 1 >= MostAttempts)
        {
            await pendings.DeleteAsync(pending);
        }

        return isRevoked;
    }

    private bool IsWaiting(PendingSignIn pending) =>
        pending.Status == PendingSignIn.Waiting && pending.ExpiresAt > time.GetUtcNow();

    private async Task<SignInAnswer.Stored> BeforeAsync(PendingSignIn pending, CancellationToken cancellationToken) =>
        new(
            await connections.FindAsync(pending.Key, cancellationToken) ?? throw SignInFaults.UnknownState,
            Before: true);

    private async Task<Connection?> FinishAsync(
        PendingSignIn pending, string actor, GatewayException unopened, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await pendings.FinishAsync(pending, actor, cancellationToken);
            if (connection is not null)
            {
                LogFinished(pending.Key.Subject, pending.Actor, actor, connection.Version);
            }

            return connection;
        }
        catch (CryptographicException exception)
        {
            // Its key was retired meanwhile; the sweep forgets it.
            LogUnopened(pending.Key.Subject, exception);
            throw unopened;
        }
    }

    private async Task RequireUnchangedConfigAsync(PendingSignIn pending, CancellationToken cancellationToken)
    {
        var config = await configs.FindAsync(pending.IntegrationId, cancellationToken);
        await RequireAsync(
            config?.Version == pending.ConfigVersion, pending, SignInFaults.ConfigChanged, cancellationToken);
    }

    private async Task RequireAsync(
        bool condition, PendingSignIn pending, GatewayException refusal, CancellationToken cancellationToken)
    {
        if (!condition)
        {
            LogEnded(pending.Key.Subject, pending.Actor, refusal.Message);
            await EndAsync(pending, cancellationToken);
            throw refusal;
        }
    }

    private async Task<bool> RevokeAsync(PendingSignIn pending, CancellationToken cancellationToken)
    {
        try
        {
            var tokens = pendings.Open(pending);
            return await revocation.TryAsync(
                pending.Key, tokens.AccessToken, tokens.RefreshToken, tokens.Variables, cancellationToken);
        }
        catch (CryptographicException exception)
        {
            LogUnopened(pending.Key.Subject, exception);
            return false;
        }
    }

    [LoggerMessage(EventId = 1313, EventName = "SignInFinished", Level = LogLevel.Information,
        Message = "Sign-in to {Subject} by {Starter} finished by {Actor}, sequence {Sequence}")]
    private partial void LogFinished(string subject, string starter, string actor, long sequence);

    [LoggerMessage(EventId = 1314, EventName = "SignInEnded", Level = LogLevel.Warning,
        Message = "Sign-in to {Subject} by {Starter} ended, its tokens are revoked: {Reason}")]
    private partial void LogEnded(string subject, string starter, string reason);

    [LoggerMessage(EventId = 1315, EventName = "SignInTokensUnreadable", Level = LogLevel.Warning,
        Message = "The tokens of a sign-in to {Subject} do not open")]
    private partial void LogUnopened(string subject, Exception exception);
}
