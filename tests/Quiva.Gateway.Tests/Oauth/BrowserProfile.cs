using System.Net;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Tests.Oauth;

/// <summary>A person's browser, as far as the gateway can tell: its headers, its cookies, and its forms.</summary>
public sealed partial class BrowserProfile(HttpClient http) : IDisposable
{
    public static BrowserProfile Of(GatewayApp app) => new(app.Client());

    /// <summary>Follows a link or a redirect from another site.</summary>
    public async Task<BrowserPage> OpenAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Get, path, "cross-site", headers);
        return await SendAsync(request);
    }

    /// <summary>Clicks a button of a page.</summary>
    public async Task<BrowserPage> ClickAsync(
        BrowserPage page, string decision, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, page.Action, "same-origin", headers);
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["handle"] = page.Handle,
            ["decision"] = decision
        });
        return await SendAsync(request);
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Request(
        HttpMethod method, string path, string site, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        (string Name, string Value)[] own =
        [
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Site", site)
        ];
        foreach (var (name, value) in own.Where(header => headers.All(other => other.Name != header.Name))
            .Concat(headers)
            .Where(header => header.Value.Length > 0))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private async Task<BrowserPage> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new(
            response.StatusCode,
            WebUtility.HtmlDecode(Heading().Match(text).Groups[1].Value),
            text,
            response.Headers.Location?.OriginalString,
            Handle().Match(text).Groups[1].Value,
            FormAction().Match(text).Groups[1].Value,
            response.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value)));
    }

    [GeneratedRegex("<h1>(.*?)</h1>")]
    private static partial Regex Heading();

    [GeneratedRegex("name=\"handle\" value=\"(.*?)\"")]
    private static partial Regex Handle();

    [GeneratedRegex("<form method=\"post\" action=\"(.*?)\"")]
    private static partial Regex FormAction();
}

/// <summary>What a browser shows.</summary>
public sealed record BrowserPage(
    HttpStatusCode Status, string Title, string Html, string? Location, string Handle, string Action, IReadOnlyDictionary<string, string> Headers);
