namespace Quiva.Gateway.Http;

/// <summary>Why a request is refused; the value is the status of the answer.</summary>
public enum GatewayError
{
    /// <summary>The request can't be understood or breaks a rule of the contract.</summary>
    Invalid = StatusCodes.Status400BadRequest,

    /// <summary>A sign-in's state is unknown, used or too old.</summary>
    Unauthorized = StatusCodes.Status401Unauthorized,

    /// <summary>The caller may not do this with what the request holds.</summary>
    Forbidden = StatusCodes.Status403Forbidden,

    /// <summary>There is no such resource, or it is another account's.</summary>
    NotFound = StatusCodes.Status404NotFound,

    /// <summary>The resource is not in a state that allows this.</summary>
    Conflict = StatusCodes.Status409Conflict,

    /// <summary>If-Match does not name the stored version.</summary>
    PreconditionFailed = StatusCodes.Status412PreconditionFailed,

    /// <summary>A quota is used up; worth another try later.</summary>
    TooMany = StatusCodes.Status429TooManyRequests,

    /// <summary>A provider failed.</summary>
    Upstream = StatusCodes.Status502BadGateway,

    /// <summary>A provider did not answer in time.</summary>
    UpstreamTimeout = StatusCodes.Status504GatewayTimeout,

    /// <summary>The database can't be reached; worth another try.</summary>
    Unavailable = StatusCodes.Status503ServiceUnavailable,
}

/// <summary>
/// A refusal that the caller is meant to read. Anything else that is thrown is a bug: logged, and answered with 500.
/// </summary>
/// <param name="error">The kind of refusal.</param>
/// <param name="message">One sentence for the caller; never a rejected value, SQL or a type name.</param>
/// <param name="inner">What caused it, for the log only.</param>
public sealed class GatewayException(GatewayError error, string message, Exception? inner = null)
    : Exception(message, inner)
{
    internal const string UnavailableMessage = "The service is temporarily unavailable. Try again later.";

    private const int MostFaultsTold = 100;

    /// <summary>The kind of refusal.</summary>
    public GatewayError Error { get; } = error;

    /// <summary>When another try is worth it; null means in a few seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// One text for several faults: sentences follow each other, what is no sentence is set off by a semicolon.
    /// </summary>
    /// <param name="faults">The faults; of very many only the first are told.</param>
    public static string Join(IReadOnlyList<string> faults)
    {
        var told = faults.Take(MostFaultsTold).ToList();
        var text = told.Aggregate((before, fault) => before + (before.EndsWith('.') ? " " : "; ") + fault);
        return faults.Count == told.Count ? text : text + "; and more";
    }
}
