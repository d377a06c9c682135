namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// Whether anybody can have a name below a name. The whole list (https://publicsuffix.org) changes weekly; these are its shapes, enough to catch
/// a mistake of an administrator.
/// </summary>
internal static class PublicSuffix
{
    private static readonly string[] SecondLevel =
    [
        "ac", "co", "com", "edu", "gob", "gouv", "gov", "gv", "id", "ind", "info", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
    ];

    private static readonly string[] Shared =
    [
        "appspot.com", "azurewebsites.net", "blogspot.com", "cloudapp.net", "cloudfront.net", "firebaseapp.com", "fly.dev", "github.io", "gitlab.io",
        "glitch.me", "herokuapp.com", "netlify.app", "ngrok.app", "ngrok.io", "onrender.com", "pages.dev", "trycloudflare.com", "vercel.app", "web.app",
        "workers.dev", "amazonaws.com", "azurefd.net", "cloudapp.azure.com", "run.app",
    ];

    /// <summary>Judges labels, in their order.</summary>
    /// <param name="labels">The labels.</param>
    public static bool Is(IReadOnlyList<string> labels) => labels.Count < 2
        || (labels.Count == 2 && labels[1].Length == 2 && SecondLevel.Contains(labels[0], StringComparer.OrdinalIgnoreCase))
        || Shared.Contains(string.Join('.', labels), StringComparer.OrdinalIgnoreCase);
}
