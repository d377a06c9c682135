using System.CommandLine;
using System.Net;
using System.Net.Security;

namespace Quiva.Gateway.Cli;

/// <summary>
/// The verb <c>health</c>: asks the gateway that listens on this machine, as the check of a container that has no other
/// program. It opens no database and writes nothing.
/// </summary>
internal static class HealthVerb
{
    private const string Default = "https://localhost:7443";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string[] AnyAddress = ["*", "+", "0.0.0.0", "[::]"];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var url = new Option<string?>(
            "--url")
        { Description = "Where it listens; without it what the settings in the environment say." };
        var live = new Option<bool>("--live") { Description = "Ask whether it lives, not whether its database works." };
        var health = new Command("health", "Ask the gateway on this machine whether it is ready: exit code 0, or 1.")
        {
            url,
            live
        };
        health.SetAction((parsed, cancellationToken) => CheckAsync(
            parsed.GetValue(url) ?? AddressOf(
                Configuration()), parsed.GetValue(live) ? "/health/live" : "/health/ready", cancellationToken));
        return health;
    }

    /// <summary>Where a gateway with these settings can be asked: its first listener, on the machine itself.</summary>
    /// <param name="configuration">The settings.</param>
    internal static string AddressOf(IConfiguration configuration)
    {
        // In the order in which Kestrel takes them.
        var listener = configuration.GetSection("Kestrel:Endpoints")
            .GetChildren()
            .Select(endpoint => endpoint["Url"])
            .FirstOrDefault(url => !string.IsNullOrEmpty(url))
            ?? First(configuration["urls"])
            ?? (First(configuration["https_ports"]) is { } secure ? "https://*:" + secure : null)
            ?? (First(configuration["http_ports"]) is { } plain ? "http://*:" + plain : null)
            ?? Default;
        return AnyAddress.Aggregate(
            listener, (address, any) => address.Replace($"://{any}", "://localhost", StringComparison.Ordinal));
    }

    private static string? First(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

    // As the gateway reads them, without watching the files.
    private static ConfigurationManager Configuration() => WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        Args = ["--hostBuilder:reloadConfigOnChange=false"],
        ContentRootPath = AppContext.BaseDirectory,
    }).Configuration;

    private static async Task<int> CheckAsync(string url, string path, CancellationToken cancellationToken)
    {
        try
        {
            // The certificate is for the name that callers use, not for this machine's own; nothing is sent that
            // another could read.
            var isOwn = new Uri(url).IsLoopback;
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, faults) => isOwn
                || faults == SslPolicyErrors.None;
            using var client = new HttpClient(handler) { Timeout = Patience };
            using var answer = await client.GetAsync(new Uri(new Uri(url), path), cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Console.WriteLine("Healthy.");
                return 0;
            }

            await Console.Error.WriteLineAsync($"The gateway at {url} answers {(int)answer.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException
            or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"The gateway at {url} can't be asked: {exception.Message}");
        }

        return 1;
    }
}
