using System.Text.RegularExpressions;

namespace Quiva.Gateway.ContractChecks.Generator;

/// <summary>Names as the generated code spells them, and those that it can't have.</summary>
internal static partial class Words
{
    public static readonly HashSet<string> Keywords =
    [
        // C# (ECMA-334, 6.4.4)
        .. """
            abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else
            enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long
            namespace new null object operator out override params private protected public readonly ref return sbyte sealed short
            sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual
            void volatile while
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        // TypeScript's own, and what the generated methods call their other parameters
        "arguments", "await", "debugger", "delete", "eval", "export", "extends", "function", "import", "instanceof", "let", "package",
        "super", "var", "with", "yield", "implements", "body", "options", "signal", "cancellationToken",
    ];

    /// <summary>What the generated classes stand beside, in C# and TypeScript.</summary>
    public static readonly HashSet<string> Types =
    [
        "System", "Microsoft", "Quiva", "Object", "String", "Boolean", "Number", "Array", "Map", "Record", "Promise", "Date", "Blob", "File",
        "FormData", "AbortSignal", "Headers", "Response", "Request", "FileParameter", "FileResponse", "NoContent", "ApiException", "ErrorDto",
        "Gateway", "GatewayCall", "GatewayError", "GatewayJson", "GatewayOptions", "GatewayResponse", "GatewayApiException", "CallOptions",
        "ErrorBody", "WireEnum", "WireEnumConverter", "QuivaGatewayClientOptions", "QuivaGatewayClientExtensions", "Anonymous",
        "Union", "UnionConverter", "UnionValues", "UnionAttribute", "UnionValuesAttribute",
    ];

    /// <summary>What every C# object has.</summary>
    public static readonly HashSet<string> ObjectMembers =
    [
        "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"
    ];

    /// <summary>What every generated controller has.</summary>
    public static readonly HashSet<string> ControllerMembers =
    [
        .. ObjectMembers,
        "Accepted", "AcceptedAtAction", "AcceptedAtRoute", "BadRequest", "Caller", "Challenge", "Conflict", "Content", "ControllerContext", "Created",
        "CreatedAtAction", "CreatedAtRoute", "Empty", "File", "Forbid", "HttpContext", "LocalRedirect", "MetadataProvider", "ModelBinderFactory",
        "ModelState", "NoContent", "NotFound", "ObjectValidator", "Ok", "PhysicalFile", "Precondition", "Problem", "ProblemDetailsFactory", "Redirect",
        "RedirectToAction", "RedirectToPage", "RedirectToRoute", "Request", "RequireSame", "Response", "RouteData", "SetETag", "SignIn", "SignOut",
        "StatusCode", "Success", "TryUpdateModelAsync", "TryValidateModel", "Unauthorized", "UnprocessableEntity", "Url", "User", "ValidationProblem",
    ];

    /// <summary>A name in Pascal case, as the clients spell it.</summary>
    public static string Pascal(string name) =>
        string.Concat(Separators()
            .Split(name)
            .Where(part => part.Length > 0)
            .Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    /// <summary>A name in camel case, as the clients spell it.</summary>
    public static string Camel(string name) =>
        Pascal(name) is { Length: > 0 } pascal ? char.ToLowerInvariant(pascal[0]) + pascal[1..] : "";

    /// <summary>Values whose generated names are those of others before them.</summary>
    public static IEnumerable<(T Value, string Name, T First)> Clashes<T>(IEnumerable<T> values, Func<T, string> nameOf)
    {
        var seen = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        foreach (var value in values)
        {
            if (!seen.TryAdd(nameOf(value), value))
            {
                yield return (value, nameOf(value), seen[nameOf(value)]);
            }
        }
    }

    [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Separators();
}
