using Microsoft.AspNetCore.Mvc;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Http;

/// <summary>
/// The parent of every generated controller base: what each operation may need of its request and answer.
/// </summary>
public abstract class ContractController : ControllerBase
{
    /// <summary>The answer of operations that have nothing else to say.</summary>
    protected static SuccessResponse Success { get; } = new() { Message = "success" };

    /// <summary>Who is calling. Only for operations that need credentials.</summary>
    protected Caller Caller => Caller.Of(User);

    /// <summary>Refuses a body that names another resource than the path does.</summary>
    /// <param name="inBody">The subject in the body.</param>
    /// <param name="inPath">The subject that the path names.</param>
    /// <exception cref="GatewayException">They differ.</exception>
    protected static void RequireSame(string inBody, string inPath)
    {
        if (inBody != inPath)
        {
            throw new GatewayException(GatewayError.Invalid, "subject in the body differs from the one in the path.");
        }
    }

    /// <summary>The answer of an operation that has made a resource.</summary>
    /// <typeparam name="T">The type of the body.</typeparam>
    /// <param name="location">The path of the resource.</param>
    /// <param name="version">Its version.</param>
    /// <param name="value">The body.</param>
    protected ActionResult<T> Created<T>(string location, long version, T value)
    {
        SetETag(version);
        return base.Created(location, value);
    }

    /// <summary>
    /// The answer of an operation that lists: <c>results</c>, <c>results_total</c> and <c>next_cursor</c>.
    /// </summary>
    /// <typeparam name="T">The type of the body.</typeparam>
    /// <typeparam name="TRow">The type of a row.</typeparam>
    /// <typeparam name="TResult">What the contract has a row as.</typeparam>
    /// <param name="list">The list.</param>
    /// <param name="turn">Turns a row into what the contract has it as.</param>
    protected static Task<ActionResult<T>> List<T, TRow, TResult>(Listing<TRow> list, Func<TRow, TResult> turn) =>
        Task.FromResult<ActionResult<T>>(new ListResult<TRow, TResult>(list, turn));

    /// <summary>Puts the entity tag of a version on the answer.</summary>
    /// <param name="version">The version that the answer tells of.</param>
    protected void SetETag(long version) => Response.Headers.ETag = IfMatch.TagOf(version);
}
