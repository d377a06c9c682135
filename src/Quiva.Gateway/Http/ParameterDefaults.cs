using System.Reflection;
using Microsoft.AspNetCore.Mvc.ApplicationModels;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Quiva.Gateway.Http;

/// <summary>
/// <c>default</c> of a parameter of the contract: what the action gets when the parameter is left out.
/// </summary>
/// <param name="value">The value.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ParameterDefaultAttribute(object value) : Attribute
{
    /// <summary>The value.</summary>
    public object Value { get; } = value;
}

/// <summary>
/// Puts <see cref="ParameterDefaultAttribute"/> into effect. MVC would use a default that each override repeats.
/// </summary>
internal sealed class ParameterDefaults : IActionModelConvention
{
    /// <inheritdoc/>
    public void Apply(ActionModel action)
    {
        var defaults = action.Parameters
            .Select(
                parameter =>
                    (Name: parameter.ParameterName, Value: parameter.ParameterInfo.GetCustomAttribute<ParameterDefaultAttribute>(
                        inherit: true)?.Value))
            .Where(parameter => parameter.Value is not null)
            .ToList();
        if (defaults.Count > 0)
        {
            action.Filters.Add(new Filter(defaults));
        }
    }

    private sealed class Filter(List<(string Name, object? Value)> defaults) : IActionFilter
    {
        public void OnActionExecuting(ActionExecutingContext context)
        {
            foreach (var (name, value) in defaults.Where(
                parameter => !context.ActionArguments.TryGetValue(parameter.Name, out var given) || given is null))
            {
                context.ActionArguments[name] = value;
            }
        }

        public void OnActionExecuted(ActionExecutedContext context)
        {
        }
    }
}
