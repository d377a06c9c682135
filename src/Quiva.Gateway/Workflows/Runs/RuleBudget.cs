namespace Quiva.Gateway.Workflows.Runs;

/// <summary>
/// What an evaluation of rules may cost: its steps, the values that its operators look at, and the texts that it makes.
/// </summary>
internal sealed class RuleBudget
{
    // A value counts one, a text one more for each sixteen characters.
    private const long MostWork = 4_000_000, MostCharacters = 4 * 1024 * 1024;
    private const int MostSteps = 200_000;
    private long work, characters;
    private int steps;

    /// <summary>Counts a step.</summary>
    /// <param name="isTooDeep">Whether it is nested too deeply.</param>
    /// <exception cref="StepException">It is, or there are too many.</exception>
    public void Step(bool isTooDeep)
    {
        if (isTooDeep || ++steps > MostSteps)
        {
            throw new StepException("a rule is too deep or too long");
        }
    }

    /// <summary>Counts what an operator looks at.</summary>
    /// <exception cref="StepException">It is too much.</exception>
    public void Charge(object? operands) => Charge(RuleValues.WorkOf(operands, MostWork));

    /// <summary>Counts work.</summary>
    /// <exception cref="StepException">It is too much.</exception>
    public void Charge(long cost)
    {
        work += cost;
        if (work > MostWork)
        {
            throw new StepException("a rule costs too much");
        }
    }

    /// <summary>Counts a text that was made.</summary>
    /// <exception cref="StepException">It is too large, or there are too many.</exception>
    public void Make(string text)
    {
        characters += text.Length;
        if (text.Length > References.LargestValue || characters > MostCharacters)
        {
            throw new StepException("a value is larger than 1 MiB");
        }
    }
}
