using System.Net;
using System.Net.Http.Headers;

namespace Quiva.Gateway.Client;

/// <summary>
/// The gateway answered something else than what the operation promises: mostly an error that the contract declares,
/// with its sentence in <see cref="Error"/>; also a success whose body is not the declared one. A gateway that can't be
/// reached is a <see cref="HttpRequestException"/> as usual.
/// </summary>
public class GatewayApiException : Exception
{
    /// <summary>Describes an answer.</summary>
    /// <param name="message">The operation, the status and the reason.</param>
    /// <param name="status">The status.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="body">The body as it came.</param>
    /// <param name="innerException">Why the body was not accepted, if that is the reason.</param>
    public GatewayApiException(
        string message,
        HttpStatusCode status,
        HttpResponseHeaders headers,
        string body,
        Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentNullException.ThrowIfNull(headers);
        Status = status;
        Headers = headers;
        Body = body;
        Error = GatewayJson.TryRead<ErrorBody>(body, out var told) ? told.Error : null;
        RetryAfter = headers.RetryAfter?.Delta;
    }

    /// <summary>The status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>
    /// The gateway's own sentence about what went wrong; null when the answer has none, as when a proxy gave it.
    /// </summary>
    public string? Error { get; }

    /// <summary>How long to wait before another try, with 429 and 503; else null (RFC 9110, section 10.2.3).</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>All headers.</summary>
    public HttpResponseHeaders Headers { get; }

    /// <summary>The body as it came. It is no part of the message: an unexpected one may hold anything.</summary>
    public string Body { get; }
}

/// <summary>A failure whose body the contract declares to say more than a sentence.</summary>
/// <typeparam name="T">What the contract declares as the body of that status.</typeparam>
/// <param name="message">The operation, the status and the reason.</param>
/// <param name="status">The status.</param>
/// <param name="headers">The headers.</param>
/// <param name="body">The body as it came.</param>
/// <param name="result">The body, read.</param>
public sealed class GatewayApiException<T>(
    string message, HttpStatusCode status, HttpResponseHeaders headers, string body, T result)
    : GatewayApiException(message, status, headers, body)
{
    /// <summary>The body.</summary>
    public T Result { get; } = result;
}
