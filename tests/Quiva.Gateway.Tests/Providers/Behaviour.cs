using System.Text.Json.Nodes;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>A request to a token endpoint, and the tokens that a well-behaved provider would give.</summary>
/// <param name="Request">The request.</param>
/// <param name="Attempt">The how-manieth request of its kind it is, from 1 on.</param>
/// <param name="Tokens">Those of the sign-in, or else of the renewal.</param>
public sealed record Ask(RawRequest Request, int Attempt, JsonObject Tokens)
{
    public bool IsExchange => Request["grant_type"] == "authorization_code";
}

/// <summary>
/// One way in which a provider behaves, and what is to be seen of it when a connection goes the whole circle: PUT,
/// login, authorize, callback, read, renew, revoke. What a row leaves out is as the RFCs have it.
/// </summary>
public sealed record Behaviour(string Name)
{
    /// <summary>What an administrator sets for it; the second argument is where the provider is.</summary>
    public Action<JsonObject, string> Configure { get; init; } = (_, _) => { };

    /// <summary>What its token endpoint says.</summary>
    public Func<Ask, byte[]> Say { get; init; } = ask => Wire.Json(ask.Tokens);

    /// <summary>What its revocation endpoint says.</summary>
    public byte[] SayOfRevocation { get; init; } = RawProvider.Http(200, null, "");

    /// <summary>Whether answers come a byte at a time.</summary>
    public bool Drips { get; init; }

    /// <summary>The query of the login.</summary>
    public string Login { get; init; } = "";

    /// <summary>What the redirect brings.</summary>
    public string Redirect { get; init; } = "code=the-code";

    /// <summary>What the first renewal is answered when it fails: the second works.</summary>
    public (int Status, string Text)? FirstRenewal { get; init; }

    public string TokenType { get; init; } = "Bearer";

    /// <summary>How long tokens work, in seconds; null when that is not known.</summary>
    public int? Lifetime { get; init; } = 3600;

    public string? Scopes { get; init; } = "channels:read,chat:write";

    /// <summary>The refresh token after the renewal.</summary>
    public string Renewed { get; init; } = "refresh-2";

    /// <summary>How many requests the sign-in and the renewals need.</summary>
    public (int Exchange, int Renewal) Requests { get; init; } = (1, 1);

    /// <summary>Whether there is a revocation endpoint.</summary>
    public bool Revokes { get; init; } = true;

    /// <summary>Looks at the authorization request and at what the provider was asked.</summary>
    public Action<Uri, IReadOnlyList<RawRequest>> See { get; init; } = (_, _) => { };

    /// <summary>The same with other members in each token answer.</summary>
    public Behaviour With(Action<JsonObject> change) => this with
    {
        Say = ask =>
        {
            change(ask.Tokens);
            return Wire.Json(ask.Tokens);
        },
    };

    public override string ToString() => Name;
}
