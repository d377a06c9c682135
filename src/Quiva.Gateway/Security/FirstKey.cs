using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Security;

/// <summary>
/// The first API key of an empty database, for <c>quiva-admin</c>. In Development it is printed, once. Elsewhere it is
/// written to a file of mode 0600, because standard output is kept by whatever runs the process.
/// </summary>
internal sealed partial class FirstKey(
    ApiKeyStore keys, IOptions<GatewayOptions> options, IHostEnvironment environment, IServer server, ILogger<FirstKey> logger)
{
    /// <summary>The file's name in the data directory.</summary>
    public const string FileName = "first-admin.key";

    private string? toPrint;

    /// <summary>Makes the key unless there is one already. The caller holds the application lock.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(options.Value.FullDataDirectory, FileName);
        // Before the commit: a key that nobody can read would be the only one.
        var key = await keys.CreateFirstAsync(
            key =>
            {
                if (!environment.IsDevelopment())
                {
                    LocalFiles.Write(file, Encoding.ASCII.GetBytes(key + "\n"));
                }
            },
            cancellationToken);
        if (key is not null && environment.IsDevelopment())
        {
            toPrint = key;
        }
        else if (key is not null)
        {
            LogWritten(file);
        }
    }

    /// <summary>
    /// Prints a key that was made for Development, with a first call. On standard output, never in the log.
    /// </summary>
    public void Print()
    {
        if (toPrint is not null)
        {
            Console.WriteLine(Welcome(toPrint));
            toPrint = null;
        }
    }

    private string Welcome(string key)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var address = addresses.FirstOrDefault(address => address.StartsWith("https:", StringComparison.Ordinal))
            ?? options.Value.PublicUrl;
        var certificate = LocalCertificate.PublicPath(options.Value);
        var trust = File.Exists(certificate) ? $"--cacert '{certificate}' " : "";
        return $$"""

            Admin API key: {{key}}
            It is shown only this once. To store a first configuration:

            curl {{trust}}-X PUT '{{address.TrimEnd('/')}}/hub/integrations/slack/oauth-config' \
              -H 'X-Api-Key: {{key}}' -H 'Content-Type: application/json' \
              -d '{"integration_id":"slack","name":"Slack API","scopes":"channels:read,chat:write","client_id":"123456789.987654321","client_secret":"abcdef1234567890abcdef","auth_url":"https://slack.com/oauth/v2/authorize","token_url":"https://slack.com/api/oauth.v2.access","redirect_url":"https://api.quiva.ai/hub/integrations/oauth-callback"}'

            """;
    }

    [LoggerMessage(EventId = 1202, EventName = "FirstKeyWritten", Level = LogLevel.Warning,
        Message = "The first admin API key is in {File}; delete the file once the key is kept elsewhere")]
    private partial void LogWritten(string file);
}
