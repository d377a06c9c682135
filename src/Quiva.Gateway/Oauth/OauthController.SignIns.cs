using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth.SignIns;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Oauth;

/// <content>Sign-ins.</content>
public sealed partial class OauthController
{

    /// <inheritdoc/>
    public override async Task<ActionResult<OauthLoginResponse>> GetIntegrationsOauthLogin(
        string? scopes,
        string? return_url,
        IDictionary<string, string>? variables,
        string integration_id,
        string connection_id,
        CancellationToken cancellationToken)
    {
        var (url, session) = await signIns.StartAsync(integration_id, connection_id, scopes, return_url, variables, Caller, cancellationToken);
        return new OauthLoginResponse { Oauth_url = url, Session = session };
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<OauthConnection>> FinishIntegrationsOauthLogin(
        FinishOauthLoginRequest body, string integration_id, string connection_id, CancellationToken cancellationToken) =>
        Describe(await finish.ByApplicationAsync(integration_id, connection_id, body.Handle, body.Session, Caller, cancellationToken));

    /// <inheritdoc/>
    public override Task<ActionResult<OauthConnection>> IntegrationsOauthCallback(
        string? code, string state, string? error, string? iss, CancellationToken cancellationToken) =>
        CallBackAsync(null, code, state, error, iss, cancellationToken);

    /// <inheritdoc/>
    public override Task<ActionResult<OauthConnection>> IntegrationOauthCallback(
        string? code, string state, string? error, string? iss, string integration_id, CancellationToken cancellationToken) =>
        CallBackAsync(integration_id, code, state, error, iss, cancellationToken);

    /// <inheritdoc/>
    public override async Task<ActionResult<OauthConnection>> ConfirmIntegrationsOauthLogin(ConfirmOauthLoginRequest body, CancellationToken cancellationToken)
    {
        FetchMetadata.RequireNavigation(Request);
        FetchMetadata.RequireSameOrigin(Request);
        var isWanted = body.Decision == OauthLoginDecision.Connect;
        return await AnswerAsync(await finish.ByBrowserAsync(body.Handle, SignInPages.SessionOf(HttpContext), isWanted, cancellationToken), cancellationToken);
    }

    private async Task<ActionResult<OauthConnection>> CallBackAsync(
        string? integration, string? code, string state, string? error, string? iss, CancellationToken cancellationToken)
    {
        FetchMetadata.RequireNavigation(Request);
        var account = User.Identity is { IsAuthenticated: true } ? Caller.Account : null;
        var callback = new SignInCallback(state, code, error, iss, integration, FetchMetadata.IsBrowser(Request), account, SignInPages.SessionOf(HttpContext))
        {
            Parameter = other => Request.Query[other] is [var value] ? value : null,
        };
        return await AnswerAsync(await signIns.CallBackAsync(callback, cancellationToken), cancellationToken);
    }

    private async Task<ActionResult<OauthConnection>> AnswerAsync(SignInAnswer answer, CancellationToken cancellationToken)
    {
        switch (answer)
        {
            case SignInAnswer.GoOn application:
                Response.Headers.Location = application.Url;
                return StatusCode(StatusCodes.Status303SeeOther);
            case SignInAnswer.Ask ask:
                return await pages.AskAsync(HttpContext, ask, cancellationToken);
            case SignInAnswer.Stored stored when Page.IsWanted(HttpContext, HttpContext.GetEndpoint(), StatusCodes.Status200OK):
                return await pages.StoredAsync(HttpContext, stored, cancellationToken);
            case SignInAnswer.Stored stored:
                return Describe(stored.Connection);
            default:
                throw new InvalidOperationException($"There is no answer for {answer}.");
        }
    }
}
