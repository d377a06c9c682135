namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Moments in a run's life after which a process may die, and another one goes on.</summary>
public enum RunMoment
{
    /// <summary>It is stored, and nobody knows of it yet.</summary>
    Admitted,

    /// <summary>The engine knows of it.</summary>
    Created,

    /// <summary>The engine has worked out what comes next, and has not recorded it.</summary>
    InTurn,

    /// <summary>The start of a step is recorded, and nothing was sent.</summary>
    StepStarted,

    /// <summary>A step was answered, and the answer is not recorded.</summary>
    Answered,

    /// <summary>The answer is recorded, and the engine does not know of it.</summary>
    Recorded,
}

/// <summary>Hears of each <see cref="RunMoment"/>. Does nothing; tests put one in its place that ends or halts the process there.</summary>
public class RunProbe
{
    /// <summary>A moment is reached.</summary>
    /// <param name="moment">The moment.</param>
    public virtual void Reached(RunMoment moment)
    {
    }
}
