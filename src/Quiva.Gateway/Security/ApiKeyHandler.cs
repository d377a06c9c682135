using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Security;

/// <summary>The contract's security scheme <c>apiKeyAuth</c>: header <c>X-Api-Key</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyStore keys, RefusedCredentials refused)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Its name in the contract.</summary>
    public new const string Scheme = "apiKeyAuth";

    /// <summary>The header that carries the key.</summary>
    public const string HeaderName = "X-Api-Key";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Request.Headers[HeaderName];
        if (sent.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        // Two credentials may speak for two callers, and nothing says which one is meant.
        if (sent.Count > 1 || Request.Headers.Authorization.Count > 0)
        {
            return AuthenticateResult.Fail("More than one credential.");
        }

        if (await keys.FindValidAsync(sent.ToString(), Context.RequestAborted) is not { } key)
        {
            return AuthenticateResult.Fail("Not a valid key.");
        }

        var claims = key.Roles.Split(',').Select(role => new Claim(Caller.RoleClaim, role))
            .Append(new Claim(Caller.SubjectClaim, key.Id))
            .Append(new Claim(Caller.AccountClaim, key.Account));
        var identity = new ClaimsIdentity(claims, Scheme, Caller.SubjectClaim, Caller.RoleClaim);
        return AuthenticateResult.Success(new(new(identity), base.Scheme.Name));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Authority.IsMissing(Context))
        {
            // 503, as the other scheme has said.
            return Task.CompletedTask;
        }

        if (Request.Headers.TryGetValue(HeaderName, out var sent))
        {
            var isAlone = sent.Count == 1 && Request.Headers.Authorization.Count == 0;
            GatewayMetrics.Rejected(Scheme, isAlone ? "unknown_or_ended" : "more_than_one");
            refused.Log(Context, Scheme);
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.Append("WWW-Authenticate", $"ApiKey realm=\"{GatewayAuthentication.Realm}\"");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        // Both schemes are asked; the one that has authenticated the caller logs.
        if (Context.User.Identity?.AuthenticationType == Scheme)
        {
            refused.LogForbidden(Context);
        }

        return base.HandleForbiddenAsync(properties);
    }
}
