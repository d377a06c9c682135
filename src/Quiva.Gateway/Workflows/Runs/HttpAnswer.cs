using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What a step has of an answer: JSON as it came, text as text, all else as base64.</summary>
internal static class HttpAnswer
{
    private static readonly JsonWriterOptions Writing = new() { MaxDepth = 1000 };

    /// <summary>Reads an answer.</summary>
    /// <param name="response">The answer, its body read.</param>
    /// <param name="isWhole">
    /// Whether status and headers belong to it: <c>{status, statusText, headers, data}</c>.
    /// </param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StepException">It is too large.</exception>
    public static async Task<byte[]> ReadAsync(
        HttpResponseMessage response, bool isWhole, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(body.Length + 1024);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        if (isWhole)
        {
            writer.WriteStartObject();
            writer.WriteNumber("status", (int)response.StatusCode);
            writer.WriteString("statusText", response.ReasonPhrase);
            writer.WriteStartObject("headers");
            foreach (var header in response.Headers.Concat(response.Content.Headers))
            {
                writer.WriteString(header.Key.ToLowerInvariant(), string.Join(", ", header.Value));
            }

            writer.WriteEndObject();
            writer.WritePropertyName("data");
            WriteBody(writer, response, body);
            writer.WriteEndObject();
        }
        else
        {
            WriteBody(writer, response, body);
        }

        writer.Flush();
        return buffer.WrittenCount <= References.LargestValue
            ? buffer.WrittenSpan.ToArray()
            : throw new StepException("the answer is larger than 1 MiB");
    }

    private static void WriteBody(Utf8JsonWriter writer, HttpResponseMessage response, byte[] body)
    {
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        if (body.Length == 0)
        {
            writer.WriteNullValue();
        }
        else if (type.Contains("json", StringComparison.OrdinalIgnoreCase) && IsJson(body))
        {
            writer.WriteRawValue(body, skipInputValidation: true);
        }
        else if (Utf8.IsValid(body))
        {
            writer.WriteStringValue(Encoding.UTF8.GetString(body));
        }
        else if (type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
        {
            writer.WriteStringValue(Encoding.Latin1.GetString(body));
        }
        else
        {
            writer.WriteBase64StringValue(body);
        }
    }

    private static bool IsJson(byte[] body)
    {
        if (!Utf8.IsValid(body))
        {
            return false;
        }

        try
        {
            using var parsed = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
