namespace Quiva.Gateway.Workflows.Runs;

/// <summary>How the run goes on after a step.</summary>
internal enum Ending
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>It ends well: no further step begins.</summary>
    Success,

    /// <summary>It fails: no further step begins.</summary>
    Failure,
}

/// <summary>What a settled step means for the steps after it.</summary>
/// <param name="Ending">Whether the run ends.</param>
/// <param name="Taken">
/// Of a condition: ids of nodes, or <c>true</c> or <c>false</c> for the edges that leave it there; null means that
/// every edge is taken.
/// </param>
internal sealed record StepOutcome(Ending Ending = Ending.None, IReadOnlyList<string>? Taken = null)
{
    public static StepOutcome Plain { get; } = new();
}

/// <summary>
/// Which nodes of a graph are ready, settled or skipped. A node starts when each of its incoming edges is settled and
/// at least one was taken; otherwise it is skipped, and its own edges are settled as not taken. Pure; the order in
/// which steps settle makes no difference.
/// </summary>
internal sealed class RunState
{
    private readonly RunGraph graph;
    private readonly int[] open;
    private readonly bool[] isTaken;
    private readonly Place[] places;
    private readonly SortedSet<int> ready = [];

    public RunState(RunGraph graph)
    {
        this.graph = graph;
        open = [.. graph.Incoming];
        isTaken = new bool[open.Length];
        places = new Place[open.Length];
        for (var node = 0; node < open.Length; node++)
        {
            if (open[node] == 0)
            {
                ready.Add(node);
                places[node] = Place.Ready;
            }
        }
    }

    /// <summary>Whether no further step begins, and what the run ends with.</summary>
    public Ending Ending { get; private set; }

    /// <summary>
    /// Nodes that may start, or have started, and are not settled; in the order of the configuration.
    /// </summary>
    public IReadOnlySet<int> Ready => ready;

    public bool IsSettled(int node) => places[node] == Place.Settled;

    public bool IsSkipped(int node) => places[node] == Place.Skipped;

    /// <summary>Settles a node that is ready.</summary>
    /// <returns>The nodes that became ready by it.</returns>
    public List<int> Settle(int node, StepOutcome outcome)
    {
        var started = new List<int>();
        if (places[node] != Place.Ready)
        {
            return started;
        }

        places[node] = Place.Settled;
        ready.Remove(node);
        if (outcome.Ending != Ending.None && Ending != Ending.Failure)
        {
            Ending = outcome.Ending;
        }

        var todo = new Stack<(int Node, bool IsTaken)>();
        foreach (var link in graph.Links[node])
        {
            todo.Push((link.Target, IsLinkTaken(link, outcome)));
        }

        while (todo.TryPop(out var edge))
        {
            isTaken[edge.Node] |= edge.IsTaken;
            if (--open[edge.Node] > 0)
            {
                continue;
            }

            if (isTaken[edge.Node])
            {
                places[edge.Node] = Place.Ready;
                ready.Add(edge.Node);
                started.Add(edge.Node);
                continue;
            }

            places[edge.Node] = Place.Skipped;
            foreach (var link in graph.Links[edge.Node])
            {
                todo.Push((link.Target, false));
            }
        }

        started.Sort();
        return started;
    }

    private bool IsLinkTaken(RunGraph.Link link, StepOutcome outcome) => outcome.Taken switch
    {
        null => true,
        ["true"] or ["false"] when link.Handle is "true" or "false" => link.Handle == outcome.Taken[0],
        ["true"] => true,
        ["false"] => false,
        var names => names.Contains(graph.Nodes[link.Target].Id!),
    };

    private enum Place
    {
        Waiting,
        Ready,
        Settled,
        Skipped,
    }
}
