using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Http;

public sealed class ConnectionLimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test, Platform("Linux")]
    public async Task A_thousand_idle_connections_do_not_end_a_process_with_few_descriptors()
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        using var server = await ServerProcess.StartUnderAsync(database, "ulimit -n 450");
        using var client = server.Client(server.FirstKey!);
        client.DefaultRequestHeaders.ConnectionClose = true;
        Assert.That(await StatusAsync(client), Is.EqualTo(200));

        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                var connection = new TcpClient();
                idle.Add(connection);
                try
                {
                    await connection.ConnectAsync(server.Address.Host, server.Address.Port);
                }
                catch (SocketException)
                {
                    // Closed as soon as it was accepted.
                }
            }

            await Task.Delay(500);
            Assert.That(server.HasExited, Is.False);
        }
        finally
        {
            idle.ForEach(connection => connection.Dispose());
        }

        var started = TimeProvider.System.GetTimestamp();
        while (await StatusAsync(client) != 200)
        {
            Assert.That(
                TimeProvider.System.GetElapsedTime(started),
                Is.LessThan(Patience),
                "It serves again when they are gone.");
            await Task.Delay(100);
        }
    }

    [Test]
    public async Task A_setting_limits_the_connections_of_all_listeners_together()
    {
        await using var app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite, "--Gateway:MaxConnections=3", "--urls=https://127.0.0.1:0;https://[::1]:0");
        var ports = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address))
                .Select(address => (address.Host.Trim('[', ']'), address.Port))
                .ToList();
        Assert.That(ports, Has.Count.EqualTo(2));
        var open = new List<TcpClient>();
        for (var i = 0; i < 6; i++)
        {
            var (host, port) = ports[i % 2];
            var connection =
                new TcpClient(host.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
            await connection.ConnectAsync(host, port);
            open.Add(connection);
        }

        var closed = 0;
        foreach (var connection in open)
        {
            closed += await IsClosedAsync(connection) ? 1 : 0;
            connection.Dispose();
        }

        Assert.That(closed, Is.EqualTo(3));
        Assert.That(app.Logs, Does.Contain("New connections are closed: 3 are open"));
    }

    private static async Task<bool> IsClosedAsync(TcpClient connection)
    {
        using var patience = new CancellationTokenSource(500);
        try
        {
            return await connection.GetStream().ReadAsync(new byte[1], patience.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("/hub/integrations/oauth-config");
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}
