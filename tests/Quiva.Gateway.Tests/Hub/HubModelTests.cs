using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Hub;

/// <summary>
/// Thousands of calls at random, each compared with a model. A failure prints the fewest calls that still show it.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HubModelTests(DatabaseProvider engine) : HubFixture(engine)
{
    private const int Calls = 2000, CallsUntilEmpty = 500, MostReplays = 200;

    // Two names of the same hash among them.
    private static readonly string[] Names = ["a", "b", "liquid", "costarring", "c"];

    [Test]
    public async Task The_Hub_does_what_its_model_does()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < Calls / CallsUntilEmpty; round++)
        {
            var calls = Enumerable.Range(0, CallsUntilEmpty).Select(_ => Next(random)).ToList();
            if (await DifferenceAsync(calls) is { } difference)
            {
                var shortest = await ShortenAsync(calls[..(difference.At + 1)]);
                Assert.Fail(
                    $"Seed {seed}, round {round}: {(await DifferenceAsync(shortest))?.Text ?? difference.Text}\n{string.Join('\n', shortest)}");
            }
        }
    }

    private static HubCall Next(Random random) => new(
        HubCall.Kinds[random.Next(HubCall.Kinds.Length)],
        random.Next(2) == 0 ? "node" : "workflow",
        Names[random.Next(Names.Length)],
        Names[random.Next(Names.Length)],
        random.Next(5) == 0 ? null : $"text{random.Next(100)}",
        random.Next(2) == 0,
        random.Next(5) == 0);

    /// <summary>Plays calls in an account of their own.</summary>
    /// <returns>The first call after which the server and the model differ, and how; null when they never do.</returns>
    private async Task<(int At, string Text)?> DifferenceAsync(List<HubCall> calls)
    {
        var account = "account-" + Guid.NewGuid().ToString("n");
        using var client = await App.ClientAsync(account, "developer");
        using var reader = await App.UncheckedClientAsync(account, "developer");
        var model = new HubModel();
        for (var i = 0; i < calls.Count; i++)
        {
            var (expected, actual) = (model.Apply(calls[i]), await calls[i].SendAsync(client));
            if (expected != actual)
            {
                return (i, $"expected {expected} but was {actual}");
            }

            var (expectedState, actualState) = (model.State().ToList(), (await HubModel.StateAsync(reader)).ToList());
            if (!expectedState.SequenceEqual(actualState))
            {
                return (i, $"expected\n  {string.Join("\n  ", expectedState.Except(actualState))}\nbut was\n  {string.Join("\n  ", actualState.Except(expectedState))}");
            }
        }

        return null;
    }

    /// <summary>Leaves out ever smaller parts as long as the rest still fails.</summary>
    private async Task<List<HubCall>> ShortenAsync(List<HubCall> calls)
    {
        var replays = 0;
        for (var part = calls.Count / 2; part > 0; part /= 2)
        {
            for (var start = 0; start < calls.Count && replays < MostReplays; replays++)
            {
                List<HubCall> rest = [.. calls.Take(start), .. calls.Skip(start + part)];
                if (await DifferenceAsync(rest) is { } difference)
                {
                    calls = rest[..(difference.At + 1)];
                }
                else
                {
                    start += part;
                }
            }
        }

        return calls;
    }
}
