using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth.SignIns;

/// <summary>The pages that a person sees after the provider, and the cookie that binds them to the browser.</summary>
public sealed class SignInPages(OauthConfigStore configs, ApiKeyStore keys)
{
    // The prefix makes browsers take it only from this very host, over TLS (RFC 6265bis, section 4.1.3.2).
    private const string CookieName = "__Host-quiva-sign-in";

    /// <summary>The browser's cookie, or null.</summary>
    /// <param name="context">The request.</param>
    public static string? SessionOf(HttpContext context) =>
        context.Request.Cookies[CookieName] is { } session && session.Length == OneTimeSecret.Length ? session : null;

    /// <summary>Names account, connection, initiator and scopes, and asks for a click.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ask">What for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ContentResult> AskAsync(
        HttpContext context, SignInAnswer.Ask ask, CancellationToken cancellationToken)
    {
        var pending = ask.Pending;
        var name = await NameAsync(pending.IntegrationId, cancellationToken);
        context.Response.Cookies.Append(CookieName, ask.Session, new CookieOptions
        {
            Path = "/",
            Secure = true,
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            MaxAge = PendingSignInStore.Lifetime,
            IsEssential = true,
        });
        return Page.Form(context, $"Connect your account at {name}?", $"""
            <p>You have signed in at {Page.Encode(name)}. With a click on “Connect” the account below may use what you allowed there, until it is disconnected.</p>
            <dl>
            <dt>Account</dt><dd>{Page.Encode(pending.Account)}</dd>
            <dt>Connection</dt><dd>{Page.Encode(pending.ConnectionId)}</dd>
            <dt>Started by</dt><dd>{Page.Encode(await StarterAsync(pending.Actor, cancellationToken))}</dd>
            <dt>Allowed</dt><dd>{Page.Encode(pending.Scopes.Replace(",", ", ", StringComparison.Ordinal))}</dd>
            </dl>
            <p>If you did not start this yourself, or somebody sent you the address, click on “This wasn’t me”: whoever started it would use your account.</p>
            <form method="post" action="/hub/integrations/oauth-confirm" autocomplete="off">
            <input type="hidden" name="handle" value="{ask.Handle}">
            <button name="decision" value="{OauthLoginDecision.Connect}">Connect</button>
            <button name="decision" value="{OauthLoginDecision.Decline}">This wasn’t me</button>
            </form>
            """);
    }

    /// <summary>Says that the connection is stored.</summary>
    /// <param name="context">The request.</param>
    /// <param name="stored">The connection, and whether it was stored before.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ContentResult> StoredAsync(
        HttpContext context, SignInAnswer.Stored stored, CancellationToken cancellationToken)
    {
        var (account, integration, id) = stored.Connection.Key;
        return Page.Result(
            context,
            StatusCodes.Status200OK,
            stored.Before ? "Connected already" : "Connected",
            $"Your account at {await NameAsync(integration, cancellationToken)} is connected to {account} as “{id}”. You can close this window.");
    }

    private async Task<string> NameAsync(string integration, CancellationToken cancellationToken) =>
        (await configs.FindAsync(integration, cancellationToken))?.Value.Name ?? integration;

    private async Task<string> StarterAsync(string actor, CancellationToken cancellationToken) =>
        Caller.KeyOf(actor) is not { } key ? Caller.UserOf(actor) ?? actor
        : await keys.FindNameAsync(key, cancellationToken) is { Length: > 0 } name ? $"{name} (API key {key})"
        : $"API key {key}";
}
