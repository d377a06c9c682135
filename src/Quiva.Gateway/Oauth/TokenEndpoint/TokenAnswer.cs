using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// An answer of a token endpoint. What it is, its body decides and not its labels: an object that begins with <c>{</c>
/// is JSON, everything else a form. A member that nobody asks for never matters, whatever it holds.
/// </summary>
internal sealed partial class TokenAnswer
{
    private readonly JsonElement? json;
    private readonly Dictionary<string, string> form = [];

    private TokenAnswer(HttpStatusCode status, JsonElement json) => (Status, this.json) = (status, json);

    private TokenAnswer(HttpStatusCode status, string form)
    {
        Status = status;
        foreach (var (name, values) in QueryHelpers.ParseQuery(form))
        {
            this.form[name] = values.LastOrDefault() ?? "";
        }
    }

    public HttpStatusCode Status { get; }

    /// <summary>Reads an answer.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="body">Its body, without content coding.</param>
    /// <param name="isWhole">Whether all of the body came. A part is taken if it holds a whole JSON object.</param>
    /// <returns>Null when the body can't be read.</returns>
    public static TokenAnswer? Read(HttpStatusCode status, byte[] body, bool isWhole)
    {
        var text = TextOf(body).TrimStart('\uFEFF', '\0', ' ', '\t', '\r', '\n');
        if (!text.StartsWith('{'))
        {
            return isWhole ? new(status, text.TrimEnd()) : null;
        }

        try
        {
            // What follows the object is not read.
            var reader = new Utf8JsonReader(
                Encoding.UTF8.GetBytes(Escapes().Replace(text, Representable)),
                new JsonReaderOptions
                {
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip,
                    MaxDepth = int.MaxValue
                });
            return new(status, JsonElement.ParseValue(ref reader));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text of a member, or of a number; null when there is none or it is something else.</summary>
    /// <param name="path">Names of members, separated by dots; the whole text where a member is named so.</param>
    public string? Text(string path)
    {
        if (json is not { } root)
        {
            return form.GetValueOrDefault(path);
        }

        if (root.TryGetProperty(path, out var member))
        {
            return TextOf(member);
        }

        var value = root;
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return null;
            }
        }

        return TextOf(value);
    }

    /// <summary>The error code that the provider states; null when it states none.</summary>
    public string? Error => json is { } root
        && root.TryGetProperty("error", out var error)
        && error.ValueKind == JsonValueKind.Object
        ? Text("error.code") is { Length: > 0 } code && !code.All(char.IsAsciiDigit)
            ? code
            : Text("error.type") ?? ProviderError.Refused
        // A number, such as "error": 0, is no code of RFC 6749 and may mean that there is none.
        : json?.TryGetProperty("error", out var text) == true && text.ValueKind != JsonValueKind.String ? null
        : Text("error") is { Length: > 0 } stated ? stated : null;

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    // The first bytes of an object or a form tell how its characters are coded; labels are often wrong.
    private static string TextOf(byte[] body)
    {
        try
        {
            return body switch
            {
                [0xFF, 0xFE, ..] or [not 0, 0, ..] => Encoding.Unicode.GetString(body),
                [0xFE, 0xFF, ..] or [0, not 0, ..] => Encoding.BigEndianUnicode.GetString(body),
                _ => new UTF8Encoding(false, true).GetString(body),
            };
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(body);
        }
    }

    private static string Representable(Match escape) => escape.Groups["half"].Success ? @"\uFFFD" : escape.Value;

    // Half of a surrogate pair can be written in JSON but is no character: the parser would throw as soon as it meets
    // one.
    [GeneratedRegex(
        @"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
        RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Escapes();
}
