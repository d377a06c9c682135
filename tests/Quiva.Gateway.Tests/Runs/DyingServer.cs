using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// The gateway in a process of its own that kills itself (SIGKILL) when it has reached a moment of its runs so often. The product only tells
/// of the moments, so nothing in it can be made to die.
/// </summary>
public static class DyingServer
{
    private const string Variable = "DIE_AT";

    /// <summary>What this assembly does as a program.</summary>
    /// <param name="args">Settings of the gateway.</param>
    public static async Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(':') is not [var moment, var times])
        {
            await Console.Error.WriteLineAsync("These are tests: run them with dotnet test.");
            return 2;
        }

        var probe = new Dying(Enum.Parse<RunMoment>(moment), int.Parse(times, CultureInfo.InvariantCulture));
        await using var app = Program.Build(args, builder => builder.Services.Replace(ServiceDescriptor.Singleton<RunProbe>(probe)));
        await app.RunAsync();
        return 0;
    }

    /// <summary>Starts one.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="moment">Where it dies.</param>
    /// <param name="times">How often it has to be there.</param>
    /// <param name="settings">Its settings.</param>
    public static Task<ServerProcess> StartAsync(TestDatabase database, RunMoment moment, int times, params string[] settings) => ServerProcess.StartProgramAsync(
        database, typeof(DyingServer).Assembly.Location, new() { [Variable] = string.Create(CultureInfo.InvariantCulture, $"{moment}:{times}") }, settings);

    private sealed class Dying(RunMoment wanted, int times) : RunProbe
    {
        private int left = times;

        public override void Reached(RunMoment moment)
        {
            if (moment == wanted && Interlocked.Decrement(ref left) == 0)
            {
                Process.GetCurrentProcess().Kill();
            }
        }
    }
}
