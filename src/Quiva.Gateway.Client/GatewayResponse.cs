using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Quiva.Gateway.Client;

/// <summary>What an operation answered.</summary>
/// <typeparam name="T">What the contract declares as its body.</typeparam>
/// <param name="value">The body.</param>
/// <param name="status">The status, from 200 to 299.</param>
/// <param name="headers">The headers.</param>
public sealed partial class GatewayResponse<T>(T value, HttpStatusCode status, HttpResponseHeaders headers)
{
    /// <summary>The body.</summary>
    public T Value { get; } = value;

    /// <summary>
    /// The status, from 200 to 299; or 304, with no <see cref="Value"/>, when the stored version is one that
    /// <c>ifNoneMatch</c> names.
    /// </summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>All headers.</summary>
    public HttpResponseHeaders Headers { get; } = headers;

    /// <summary>
    /// The version that is stored now, to be sent as <c>ifMatch</c> with the next change; null when the operation has
    /// none (RFC 9110, section 8.8.3).
    /// </summary>
    public string? ETag => Headers.ETag?.ToString();

    /// <summary>The path of what was created; null when nothing was.</summary>
    public Uri? Location => Headers.Location;

    /// <summary>
    /// What to send as <c>cursor</c> to get what comes after, of answers that are bare lists, such as a workflow's
    /// history; null with the last ones. Taken from the <c>Link</c> header (RFC 8288). Other lists carry their next
    /// cursor in <see cref="Value"/>.
    /// </summary>
    public string? NextCursor =>
        Headers.TryGetValues("Link", out var links)
        && NextLink().Match(string.Join(", ", links)) is { Success: true } next
            ? Uri.UnescapeDataString(next.Groups["cursor"].Value)
            : null;

    [GeneratedRegex("""<[^>]*[?&]cursor=(?<cursor>[^&>]*)[^>]*>\s*;\s*rel="?next"?""", RegexOptions.NonBacktracking)]
    private static partial Regex NextLink();
}
