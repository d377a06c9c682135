using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Quiva.Gateway.Security;

/// <summary>
/// Section <c>Authentication:Schemes:Bearer</c>, as far as it is ours; the rest of it is ASP.NET's own
/// (<c>Authority</c>, <c>ValidIssuer</c>, <c>ValidAudiences</c>, and <c>SigningKeys</c> as <c>dotnet user-jwts</c>
/// writes them).
/// </summary>
public sealed class JwtOptions
{
    /// <summary>
    /// A file with a JSON Web Key Set (RFC 7517) of public keys, for a gateway that can't reach its authority. Read at
    /// start.
    /// </summary>
    public string? JwksFile { get; set; }
}

/// <summary>The contract's two security schemes.</summary>
public static class GatewayAuthentication
{
    internal const string Realm = "quiva.ai Gateway";
    internal const string Section = "Authentication:Schemes:" + JwtBearerDefaults.AuthenticationScheme;

    internal const string BearerScheme = "bearerAuth";
    private const string EitherScheme = "either";

    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    // RFC 7519, section 5.1, and RFC 9068, section 2.1; media types may omit "application/".
    private static readonly string[] AcceptedTypes = ["JWT", "application/jwt", "at+jwt", "application/at+jwt"];

    /// <summary>Adds both schemes and authorization by roles.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The settings.</param>
    public static void AddGatewayAuthentication(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<FirstKey>();
        services.AddSingleton<RefusedCredentials>();
        services.AddAuthorization();
        services.AddSingleton<IValidateOptions<JwtBearerOptions>, JwtRules>();
        services.AddAuthentication(EitherScheme)
            // The default is only for the rate limiter, which has to know the caller before any operation is
            // authorized.
            .AddPolicyScheme(EitherScheme, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Headers.ContainsKey(ApiKeyHandler.HeaderName)
                    ? ApiKeyHandler.Scheme
                    : JwtBearerDefaults.AuthenticationScheme)
            // ASP.NET reads the settings of a scheme by its name, which is not the contract's.
            .AddPolicyScheme(
                BearerScheme, null, options => options.ForwardDefault = JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null)
            .AddJwtBearer(options => Configure(options, configuration.GetSection(Section).Get<JwtOptions>()?.JwksFile));
    }

    private static void Configure(JwtBearerOptions options, string? jwksFile)
    {
        options.MapInboundClaims = false;
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = PrepareAsync,
            OnTokenValidated = RequireClaims,
            OnChallenge = ChallengeAsync,
            OnForbidden = LogForbidden,
        };
        // Keys that are configured as secrets are HMAC keys, for development; JwtRules refuses them in production.
        var symmetric =
            options.TokenValidationParameters.IssuerSigningKeys?.OfType<SymmetricSecurityKey>().Any() == true;
        var rules = options.TokenValidationParameters;
        rules.NameClaimType = Caller.SubjectClaim;
        rules.RoleClaimType = Caller.RoleClaim;
        rules.ValidAlgorithms = symmetric ? [.. Asymmetric, SecurityAlgorithms.HmacSha256] : Asymmetric;
        rules.ValidateIssuer = true;
        rules.ValidateAudience = true;
        rules.ValidateLifetime = true;
        rules.RequireExpirationTime = true;
        rules.RequireSignedTokens = true;
        // Whoever sends a token waits for its authority's keys.
        options.BackchannelTimeout = TimeSpan.FromSeconds(3);
        rules.ClockSkew = TimeSpan.FromSeconds(30);
        if (jwksFile is { Length: > 0 } && File.Exists(jwksFile))
        {
            rules.IssuerSigningKeys = [
                .. rules.IssuerSigningKeys ?? [],
                .. new JsonWebKeySet(File.ReadAllText(jwksFile)).GetSigningKeys()
            ];
        }
    }

    private static async Task PrepareAsync(MessageReceivedContext context)
    {
        if (context.Request.Headers.ContainsKey(ApiKeyHandler.HeaderName))
        {
            context.Fail("More than one credential.");
        }
        else if (context.Request.Headers.Authorization.Count > 0
            && context.Options.ConfigurationManager is { } authority
            && !await Authority.IsReachableAsync(authority, context.HttpContext))
        {
            context.Fail("The authority can't be reached.");
        }
    }

    private static Task RequireClaims(TokenValidatedContext context)
    {
        if (context.SecurityToken is not JsonWebToken signed || !IsKnownKind(signed))
        {
            context.Fail("The token is of another kind, or has a header that must be understood and is not.");
            return Task.CompletedTask;
        }

        var token = context.Principal!;
        var accounts = token.FindAll(Caller.AccountClaim).ToList();
        if (accounts.Count != 1
            || !Caller.IsAccount(accounts[0].Value)
            || !Caller.IsSubject(token.FindFirst(Caller.SubjectClaim)?.Value))
        {
            context.Fail("The token needs the claims sub and account.");
        }

        return Task.CompletedTask;
    }

    private static Task LogForbidden(ForbiddenContext context)
    {
        if (context.HttpContext.User.Identity?.AuthenticationType != ApiKeyHandler.Scheme)
        {
            context.HttpContext.RequestServices.GetRequiredService<RefusedCredentials>()
                .LogForbidden(context.HttpContext);
        }

        return Task.CompletedTask;
    }

    // RFC 7515, section 4.1.11: a token with extensions that are not understood must be rejected, and none is. RFC
    // 8725, section 3.11: a token that was made for something else says so in its type.
    private static bool IsKnownKind(JsonWebToken token) =>
        !token.TryGetHeaderValue<object>("crit", out _)
        && (!token.TryGetHeaderValue<string>("typ", out var type)
            || AcceptedTypes.Contains(type, StringComparer.OrdinalIgnoreCase));

    // RFC 6750, section 3: an error code only when a token was sent. ASP.NET's own description would tell the expected
    // issuer.
    private static Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (Authority.IsMissing(context.HttpContext))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        // With both credentials the other scheme logs it.
        if (context.AuthenticateFailure is not null && !context.Request.Headers.ContainsKey(ApiKeyHandler.HeaderName))
        {
            GatewayMetrics.Rejected(BearerScheme, ReasonOf(context.AuthenticateFailure));
            context.HttpContext.RequestServices.GetRequiredService<RefusedCredentials>()
                .Log(context.HttpContext, BearerScheme);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.Append(
            "WWW-Authenticate", $"Bearer realm=\"{Realm}\"" + (context.AuthenticateFailure is null
                ? ""
                : ", error=\"invalid_token\""));
        return Task.CompletedTask;
    }

    private static string ReasonOf(Exception failure) => failure switch
    {
        SecurityTokenExpiredException or SecurityTokenNotYetValidException => "not_valid_now",
        SecurityTokenInvalidIssuerException => "issuer",
        SecurityTokenInvalidAudienceException => "audience",
        SecurityTokenSignatureKeyNotFoundException => "unknown_key",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "signature",
        SecurityTokenException => "malformed",
        _ => "claims",
    };

    private sealed class JwtRules(IHostEnvironment environment, IConfiguration configuration)
        : IValidateOptions<JwtBearerOptions>
    {
        public ValidateOptionsResult Validate(string? name, JwtBearerOptions options)
        {
            var faults = new List<string>();
            var rules = options.TokenValidationParameters;
            var file = configuration[Section + ":JwksFile"];
            if (file is { Length: > 0 } && !File.Exists(file))
            {
                faults.Add($"{Section}:JwksFile: there is no such file.");
            }

            if (environment.IsProduction() && rules.IssuerSigningKeys?.OfType<SymmetricSecurityKey>().Any() == true)
            {
                faults.Add(
                    $"{Section}:SigningKeys holds symmetric keys, which whoever checks tokens could also make them with: in Production use Authority or JwksFile.");
            }

            var hasKeys = options.Authority is { Length: > 0 }
                || file is { Length: > 0 }
                || rules.IssuerSigningKeys?.Any() == true;
            if (hasKeys
                && rules.ValidAudience is null
                && rules.ValidAudiences?.Any() != true
                && options.Audience is null)
            {
                faults.Add($"{Section}: bearer tokens need ValidAudience or ValidAudiences.");
            }

            if (hasKeys
                && options.Authority is not { Length: > 0 }
                && rules.ValidIssuer is null
                && rules.ValidIssuers?.Any() != true)
            {
                faults.Add($"{Section}: bearer tokens need Authority, ValidIssuer or ValidIssuers.");
            }

            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
