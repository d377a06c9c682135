using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>Bodies and requests of the configuration operations.</summary>
public static class Configs
{
    public static string PathOf(string integration) => $"/hub/integrations/{integration}/oauth-config";

    public static JsonObject Body(string integration, string secret = "s3cret") => new()
    {
        ["integration_id"] = integration,
        ["name"] = "Slack API",
        ["scopes"] = "channels:read,chat:write",
        ["client_id"] = "123456789.987654321",
        ["client_secret"] = secret,
        ["auth_url"] = "https://slack.com/oauth/v2/authorize",
        ["token_url"] = "https://slack.com/api/oauth.v2.access",
        ["redirect_url"] = "https://api.quiva.ai/hub/integrations/oauth-callback",
    };

    public static Task<HttpResponseMessage> PutConfigAsync(
        this HttpClient client, JsonObject body, string? ifMatch = null) =>
        client.PutConfigAsync((string)body["integration_id"]!, JsonContent.Create(body), ifMatch);

    public static Task<HttpResponseMessage> PutConfigAsync(
        this HttpClient client, string integration, HttpContent? content, string? ifMatch = null)
    {
        var request = With(new(HttpMethod.Put, PathOf(integration)) { Content = content }, ifMatch);
        // What is too large is refused while it is being sent: a client that does not ask first may not see the answer.
        request.Headers.ExpectContinue = content?.Headers.ContentLength > 64 * 1024;
        return client.SendAsync(request);
    }

    public static Task<HttpResponseMessage> DeleteConfigAsync(
        this HttpClient client, string integration, string? ifMatch = null) =>
        client.SendAsync(With(new(HttpMethod.Delete, PathOf(integration)), ifMatch));

    public static Task<HttpResponseMessage> GetConfigAsync(this HttpClient client, string integration) =>
        client.GetAsync(PathOf(integration));

    public static async Task<string> ErrorAsync(this HttpResponseMessage response) =>
        (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]!;

    private static HttpRequestMessage With(HttpRequestMessage request, string? ifMatch)
    {
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return request;
    }
}
