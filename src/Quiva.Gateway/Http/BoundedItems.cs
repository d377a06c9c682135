using System.Collections.ObjectModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Quiva.Gateway.Http;

/// <summary>
/// Lists of a body are judged while they are read: the first item beyond the contract's <c>maxItems</c> ends the
/// reading, so that a list of a million items costs no more than the longest lawful one.
/// </summary>
internal static class BoundedItems
{
    /// <summary>
    /// Lets the serializer read lists that have a longest length into <see cref="BoundedItems{T, TOwner}"/>.
    /// </summary>
    /// <param name="type">A type of the contract, or such a list.</param>
    public static void Bound(JsonTypeInfo type)
    {
        if (type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(BoundedItems<,>))
        {
            type.CreateObject = () => Activator.CreateInstance(type.Type)!;
        }

        for (var i = 0; i < type.Properties.Count; i++)
        {
            var property = type.Properties[i];
            if (property is { PropertyType: { IsGenericType: true } list, Get: { } get, Set: { } set, AttributeProvider: { } attributes }
                && list.GetGenericTypeDefinition() == typeof(List<>)
                && attributes.IsDefined(typeof(MaxLengthAttribute), inherit: true))
            {
                var bounded = typeof(BoundedItems<,>).MakeGenericType(list.GetGenericArguments()[0], type.Type);
                var replaced = type.CreateJsonPropertyInfo(bounded, property.Name);
                replaced.Get = item => get(item) is { } items ? Activator.CreateInstance(bounded, items) : null;
                replaced.Set = (item, items) => set(item, (items as IBoundedItems)?.List);
                replaced.AttributeProvider = attributes;
                replaced.IsRequired = property.IsRequired;
                replaced.IsGetNullable = property.IsGetNullable;
                replaced.ShouldSerialize = property.ShouldSerialize is { } should
                    ? (item, _) => should(item, get(item))
                    : null;
                type.Properties[i] = replaced;
            }
        }
    }

    /// <summary>The same reading for a body that is a list itself.</summary>
    /// <param name="context">What is to be read.</param>
    public static InputFormatterContext Bound(InputFormatterContext context)
    {
        var (list, action) = (context.ModelType, context.HttpContext.GetEndpoint()?.Metadata
            .GetMetadata<Microsoft.AspNetCore.Mvc.Controllers.ControllerActionDescriptor>());
        return action is not null && list.IsGenericType && list.GetGenericTypeDefinition() == typeof(IEnumerable<>)
            && context.Metadata.ValidatorMetadata.OfType<MaxLengthAttribute>().Any()
            ? new(
                context.HttpContext, context.ModelName, context.ModelState,
                context.HttpContext.RequestServices.GetRequiredService<IModelMetadataProvider>().GetMetadataForType(
                    typeof(BoundedItems<,>)
                        .MakeGenericType(list.GetGenericArguments()[0], action.MethodInfo.DeclaringType!)),
                context.ReaderFactory, context.TreatEmptyInputAsDefaultValue)
            : context;
    }
}

/// <summary>What lists of every kind of item have in common.</summary>
internal interface IBoundedItems
{
    /// <summary>The list that is filled.</summary>
    object List { get; }
}

/// <summary>A list that takes as many items as the contract allows, and refuses the next one.</summary>
/// <typeparam name="T">What it holds.</typeparam>
/// <typeparam name="TOwner">
/// The schema that has it as a member, or the controller that has it as a parameter: these say how many.
/// </typeparam>
/// <param name="items">Where the items are kept.</param>
internal sealed class BoundedItems<T, TOwner>(List<T> items) : Collection<T>(items), IBoundedItems
{
    private static readonly int Most = typeof(TOwner).GetProperties()
        .Where(property => property.PropertyType == typeof(List<T>))
        .Select(property => property.GetCustomAttribute<MaxLengthAttribute>())
        .Concat(typeof(TOwner).GetMethods()
            .SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.ParameterType == typeof(IEnumerable<T>))
            .Select(parameter => parameter.GetCustomAttribute<MaxLengthAttribute>(inherit: true)))
        .Max(limit => limit?.Length ?? int.MaxValue);

    public BoundedItems()
        : this([])
    {
    }

    public object List => Items;

    protected override void InsertItem(int index, T item)
    {
        if (Count >= Most)
        {
            throw new TooManyItemsException(Most);
        }

        base.InsertItem(index, item);
    }
}

/// <summary>A list of a body has more items than the contract allows.</summary>
/// <param name="most">How many it allows.</param>
internal sealed class TooManyItemsException(int most) : JsonException
{
    /// <summary>How many items the contract allows.</summary>
    public int Most => most;
}
