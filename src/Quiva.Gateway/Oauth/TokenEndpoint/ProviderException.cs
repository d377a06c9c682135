using System.Net.Sockets;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>A provider did not give what it was asked for. Holds no text of the provider's: it may be logged.</summary>
/// <param name="error">One of <see cref="ProviderError"/>'s codes.</param>
/// <param name="cause">The types of the exceptions behind it; null when the provider answered.</param>
public sealed class ProviderException(string error, string? cause = null) : Exception("The provider failed: " + error)
{
    /// <summary>The code.</summary>
    public string Error { get; } = error;

    /// <summary>
    /// The types of the exceptions behind it, never their messages: those of parsers repeat what they could not read.
    /// </summary>
    public string? Cause { get; } = cause;

    /// <summary>
    /// A new refresh token that came with an answer of no other use. The old one may be spent, so this one is kept.
    /// </summary>
    public string? RefreshToken { get; init; }

    /// <summary>
    /// Whether the provider refused the request, so that it may accept it with its credentials in another form.
    /// </summary>
    public bool IsRefusal { get; init; }

    /// <summary>Names an exception and those inside it by their types.</summary>
    /// <param name="exception">The exception.</param>
    public static string CauseOf(Exception exception) => exception switch
    {
        HttpRequestException http => $"{nameof(HttpRequestException)} {http.HttpRequestError}",
        SocketException socket => $"{nameof(SocketException)} {socket.SocketErrorCode}",
        _ => exception.GetType().Name,
    } + (exception.InnerException is { } inner ? " < " + CauseOf(inner) : "");
}
