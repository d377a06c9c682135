namespace Quiva.Gateway.Oauth.Configurations;

/// <summary>
/// Whether strangers can have a server of their own below a name: then a variable there would let them get a client
/// secret. This catches a mistake of an administrator; what a caller types is held to one label anyway.
/// </summary>
/// <remarks>
/// The list at https://publicsuffix.org answers another question, for cookies: who shares a name. It has
/// <c>myshopify.com</c>, where each name is a customer's and each server is Shopify's, so it would refuse what is safe.
/// It also changes weekly. So these are the shapes of registries and the names at which hosting companies run their
/// customers' code.
/// </remarks>
internal static class PublicSuffix
{
    // Below a country's two letters.
    private static readonly string[] SecondLevel =
    [
        "ac", "ad", "asso", "biz", "co", "com", "coop", "ed", "edu", "go", "gob", "gouv", "gov", "gr", "gv", "hs", "id", "ind", "info", "int",
        "lg", "ltd", "me", "med", "mil", "mobi", "ne", "net", "nom", "or", "org", "pe", "plc", "pro", "re", "sch", "school", "web",
    ];

    private static readonly string[] Hosting =
    [
        "appspot.com", "azurestaticapps.net", "azurewebsites.net", "blogspot.com", "cloudapp.net", "cloudfront.net", "deno.dev",
        "firebaseapp.com", "fly.dev", "github.io", "gitlab.io", "glitch.me", "herokuapp.com", "loca.lt", "netlify.app", "ngrok-free.app",
        "ngrok.app", "ngrok.dev", "ngrok.io", "onrender.com", "pages.dev", "r2.dev", "repl.co", "replit.app", "supabase.co", "surge.sh",
        "trafficmanager.net", "trycloudflare.com", "vercel.app", "web.app", "workers.dev",
    ];

    // Regions and services stand between these and a customer's name.
    private static readonly string[] Clouds =
    [
        "amazonaws.com", "azure-api.net", "azurecontainerapps.io", "azurefd.net", "cloudapp.azure.com", "cloudfunctions.net",
        "digitaloceanspaces.com", "elasticbeanstalk.com", "on.aws", "ondigitalocean.app", "run.app", "windows.net",
    ];

    /// <summary>Judges labels, in their order.</summary>
    /// <param name="labels">The labels.</param>
    public static bool Is(IReadOnlyList<string> labels)
    {
        var name = string.Join('.', labels);
        return labels.Count < 2
            || (labels.Count == 2
                && labels[1].Length == 2
                && SecondLevel.Contains(labels[0], StringComparer.OrdinalIgnoreCase))
            || Hosting.Contains(name, StringComparer.OrdinalIgnoreCase)
            || Clouds.Any(cloud => ("." + name).EndsWith("." + cloud, StringComparison.OrdinalIgnoreCase));
    }
}
