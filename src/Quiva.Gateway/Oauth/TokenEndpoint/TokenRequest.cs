using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Oauth.Configurations;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// A request to a token or revocation endpoint, with the client's credentials in one of the forms of RFC 6749, section
/// 2.3.1.
/// </summary>
internal static class TokenRequest
{
    private static readonly ProductInfoHeaderValue UserAgent = new(
        "Quiva.Gateway", typeof(TokenRequest).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>Creates a request.</summary>
    /// <param name="url">Where it goes.</param>
    /// <param name="client">The configuration.</param>
    /// <param name="method">How the credentials are sent, see <see cref="TokenEndpointAuthMethod"/>.</param>
    /// <param name="mediaType">
    /// The form of the body, see <see cref="TokenRequestType"/>; null for the usual one.
    /// </param>
    /// <param name="fields">Its fields.</param>
    public static HttpRequestMessage Create(
        Uri url, OauthClient client, string method, string? mediaType, Dictionary<string, string> fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(UserAgent);
        var body = new Dictionary<string, string>(fields);
        if (method == TokenEndpointAuthMethod.Client_secret_basic)
        {
            // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            var credentials = $"{WebUtility.UrlEncode(client.ClientId)}:{WebUtility.UrlEncode(client.ClientSecret)}";
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }
        else
        {
            body["client_id"] = client.ClientId;
            if (method == TokenEndpointAuthMethod.Client_secret_post)
            {
                body["client_secret"] = client.ClientSecret;
            }
        }

        // JSON with its length: not every server takes chunks.
        request.Content = mediaType == TokenRequestType.Application_json
            ? new ByteArrayContent(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(body))
            {
                Headers = { ContentType = new("application/json") }
            }
            : new FormUrlEncodedContent(body);
        return request;
    }
}
