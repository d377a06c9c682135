using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>A server that is put together and never started.</summary>
internal static class ServerFixture
{
    public static WebApplication Build(Action<WebApplicationBuilder>? configure = null) => Program.Build([], builder =>
    {
        builder.Logging.ClearProviders();
        configure?.Invoke(builder);
    });
}
