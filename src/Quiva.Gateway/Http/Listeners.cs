using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Http;

/// <summary>What Kestrel listens on, and its limits.</summary>
internal static class Listeners
{
    private const int LongestRequestLine = 16 * 1024;
    private const int LargestBody = 64 * 1024;
    private const int Unread = 128 * 1024;
    private static readonly string[] Keys = ["urls", "http_ports", "https_ports"];

    /// <summary>
    /// Sets up Kestrel: HTTPS on port 7443 unless the settings name other listeners, TLS 1.2 or newer, and the limits.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    public static void ConfigureListeners(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var isListening = Keys.Any(key => !string.IsNullOrEmpty(configuration[key]))
            || configuration.GetSection("Kestrel:Endpoints").Exists();
        if (!isListening)
        {
            builder.WebHost.UseUrls("https://localhost:7443");
        }

        builder.Services.AddSingleton<ConnectionLimit>();
        builder.WebHost.UseSockets(sockets => sockets.MaxReadBufferSize = Unread);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ConnectionLimit.Apply(kestrel);
            kestrel.AddServerHeader = false;
            // Long identifiers get as far as the contract's own limit, and its answer.
            kestrel.Limits.MaxRequestLineSize = LongestRequestLine;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            // What a connection may send ahead while its request waits for its turn: with Kestrel's megabyte, 200 that
            // wait would hold 200 MB.
            kestrel.Limits.MaxRequestBufferSize = Unread;
            kestrel.Limits.Http2.InitialConnectionWindowSize = Unread;
            kestrel.Limits.Http2.InitialStreamWindowSize = Unread;
            // A large body holds its account's place while it comes: Kestrel's 240 bytes a second would be hours.
            kestrel.Limits.MinRequestBodyDataRate = new(8 * 1024, TimeSpan.FromSeconds(10));
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                if (!builder.Environment.IsProduction()
                    && !configuration.GetSection("Kestrel:Certificates:Default").Exists())
                {
                    var services = kestrel.ApplicationServices;
                    https.ServerCertificate = LocalCertificate.LoadOrCreate(
                        services.GetRequiredService<IOptions<GatewayOptions>>().Value,
                        services.GetRequiredService<TimeProvider>());
                }
            });
        });
    }
}
