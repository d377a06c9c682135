using System.IO.Compression;

namespace Quiva.Gateway.Oauth.TokenEndpoint;

/// <summary>
/// Undoes content codings (RFC 9110, section 8.4). What a label promises and the body does not hold is left as it is:
/// an answer with a new refresh token comes only once.
/// </summary>
internal static class ContentCodings
{
    private const int MostLayers = 3;

    /// <summary>Decodes a body.</summary>
    /// <param name="body">The body as it came.</param>
    /// <param name="codings">Its Content-Encoding.</param>
    /// <param name="most">The largest size, in bytes, that a decoded body may have.</param>
    /// <returns>The decoded body; null when it is too large.</returns>
    public static byte[]? Decode(byte[] body, IEnumerable<string> codings, int most)
    {
        var decoded = body;
        foreach (var coding in codings.Reverse().Take(MostLayers))
        {
            var next = coding.Trim().ToLowerInvariant() switch
            {
                "br" => Decode(decoded, most, stream => new BrotliStream(stream, CompressionMode.Decompress)),
                "deflate" => Decode(decoded, most, stream => IsZlib(decoded)
                    ? new ZLibStream(stream, CompressionMode.Decompress)
                    : new DeflateStream(stream, CompressionMode.Decompress)),
                _ => Gunzip(decoded, most),
            };
            if (next is null)
            {
                return null;
            }

            decoded = next;
        }

        return Gunzip(decoded, most);
    }

    // Text never begins like this, so no label is needed.
    private static byte[]? Gunzip(byte[] body, int most) => body is [0x1F, 0x8B, ..]
        ? Decode(body, most, stream => new GZipStream(stream, CompressionMode.Decompress))
        : body;

    private static bool IsZlib(byte[] body) =>
        body.Length > 1 && (body[0] & 0x0F) == 8 && ((body[0] << 8) + body[1]) % 31 == 0;

    private static byte[]? Decode(byte[] body, int most, Func<Stream, Stream> open)
    {
        using var decoded = new MemoryStream();
        try
        {
            using var stream = open(new MemoryStream(body));
            var buffer = new byte[8 * 1024];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (decoded.Length + read > most)
                {
                    return null;
                }

                decoded.Write(buffer, 0, read);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or IOException)
        {
            // Cut short, or not coded at all. Whether what there is suffices, its reader decides.
        }

        return decoded.Length > 0 ? decoded.ToArray() : body;
    }
}
