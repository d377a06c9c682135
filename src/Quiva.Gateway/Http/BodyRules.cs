using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Linq.Expressions;
using System.Reflection;
using Quiva.Gateway.Contract;

namespace Quiva.Gateway.Http;

/// <summary>
/// The constraints of one class of the contract, collected once: whether a value keeps all of them. What is wrong with
/// one that does not is for MVC to say, which looks at each member by reflection.
/// </summary>
internal sealed class BodyRules
{
    private static readonly ConcurrentDictionary<Type, BodyRules> Known = new();

    private readonly List<(Func<object, object?> Read, Func<object?, bool>[] Constraints, Func<object, bool>? IsValid)> members = [];
    private readonly bool hasRules;

    private BodyRules(Type type)
    {
        hasRules = type.IsAssignableTo(typeof(IValidatableObject));
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            Func<object?, bool>[] constraints = [.. property.GetCustomAttributes<ValidationAttribute>().Select(IsKept)];
            var inner = InnerOf(property.PropertyType);
            if (constraints.Length > 0 || inner is not null)
            {
                members.Add((ReaderOf(property), constraints, inner));
            }
        }
    }

    /// <summary>Whether a value of the contract, or a list of such values, keeps every constraint.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Null when its type is none of the contract.</returns>
    public static bool? IsValid(object value) => InnerOf(value.GetType())?.Invoke(value);

    private static Func<object, bool>? InnerOf(Type type)
    {
        if (type.IsGenericType
            && type.GetGenericArguments() is [var item]
            && type.IsAssignableTo(typeof(IEnumerable<object?>))
            && InnerOf(item) is not null)
        {
            return AllAreValid;
        }

        return type.IsClass
            && type.Namespace?.EndsWith(".Contract", StringComparison.Ordinal) == true
            && type != typeof(FreeForm)
            ? IsOneValid
            : null;
    }

    private static bool AllAreValid(object list)
    {
        foreach (var item in (IEnumerable<object?>)list)
        {
            if (item is not null && !IsOneValid(item))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOneValid(object value) =>
        Known.GetOrAdd(value.GetType(), type => new BodyRules(type)).AreKeptBy(value);

    private bool AreKeptBy(object value)
    {
        foreach (var (read, constraints, isValid) in members)
        {
            var member = read(value);
            foreach (var constraint in constraints)
            {
                if (!constraint(member))
                {
                    return false;
                }
            }

            if (isValid is not null && member is not null && !isValid(member))
            {
                return false;
            }
        }

        return !hasRules || !((IValidatableObject)value).Validate(new ValidationContext(value)).Any();
    }

    private static Func<object?, bool> IsKept(ValidationAttribute constraint)
    {
        // .NET's own would make three objects of each number.
        if (constraint is RangeAttribute
            {
                Minimum: double
            or int, MinimumIsExclusive: false, MaximumIsExclusive: false
            } range)
        {
            var (least, most) = (Convert.ToDouble(range.Minimum, null), Convert.ToDouble(range.Maximum, null));
            return value => value switch
            {
                null => true,
                int number => number >= least && number <= most,
                long number => number >= least && number <= most,
                _ => range.IsValid(value),
            };
        }

        return constraint.IsValid;
    }

    private static Func<object, object?> ReaderOf(PropertyInfo property)
    {
        var value = Expression.Parameter(typeof(object));
        return Expression.Lambda<Func<object, object?>>(
            Expression.Convert(
                Expression.Property(Expression.Convert(value, property.DeclaringType!), property),
                typeof(object)), value).Compile();
    }
}
