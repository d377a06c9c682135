using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Quiva.Gateway.Http;

/// <summary>
/// The precondition of a change (RFC 9110, section 13.1.1): which stored versions the caller accepts.
/// </summary>
public sealed class IfMatch
{
    private static readonly IfMatch Unconditional = new(null);

    private readonly IList<EntityTagHeaderValue>? tags;

    private IfMatch(IList<EntityTagHeaderValue>? tags) => this.tags = tags;

    internal static GatewayException Malformed =>
        new(GatewayError.Invalid, "If-Match must be * or entity tags in double quotes, separated by commas.");

    /// <summary>The strong entity tag of a version.</summary>
    /// <param name="version">The version of a row.</param>
    public static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Reads the header.</summary>
    /// <param name="header">Its value; null when there is none.</param>
    /// <exception cref="GatewayException">The header is malformed.</exception>
    public static IfMatch Parse(string? header) =>
        header is null ? Unconditional
        : EntityTagHeaderValue.TryParseStrictList([header], out var tags) ? new(tags)
        : throw Malformed;

    /// <summary>Lets the change go on, or refuses it.</summary>
    /// <param name="version">The stored version; null when there is none.</param>
    /// <exception cref="GatewayException">The precondition does not hold.</exception>
    public void Require(long? version)
    {
        if (tags is null || (version is { } stored && tags.Any(tag => Accepts(tag, stored))))
        {
            return;
        }

        throw new GatewayException(
            GatewayError.PreconditionFailed, "The stored version is not the one named in If-Match.");
    }

    private static bool Accepts(EntityTagHeaderValue tag, long version) =>
        tag.Equals(EntityTagHeaderValue.Any)
        || (!tag.IsWeak && tag.Tag.Equals(TagOf(version), StringComparison.Ordinal));
}
