using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>A request to a token or revocation endpoint, with the client's credentials in one of the forms of RFC 6749, section 2.3.1.</summary>
internal static class TokenRequest
{
    /// <summary>Forms of client authentication (RFC 7591, section 2).</summary>
    public const string Basic = "client_secret_basic", Post = "client_secret_post";

    private static readonly ProductInfoHeaderValue UserAgent = new(
        "Quiva.Gateway", typeof(TokenRequest).Assembly.GetName().Version?.ToString(3) ?? "0");

    public static HttpRequestMessage Create(Uri url, OauthClient client, string method, Dictionary<string, string> fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(UserAgent);
        var body = new Dictionary<string, string>(fields);
        if (method == Basic)
        {
            // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            var credentials = $"{WebUtility.UrlEncode(client.ClientId)}:{WebUtility.UrlEncode(client.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }
        else
        {
            body["client_id"] = client.ClientId;
            body["client_secret"] = client.ClientSecret;
        }

        request.Content = new FormUrlEncodedContent(body);
        return request;
    }
}
