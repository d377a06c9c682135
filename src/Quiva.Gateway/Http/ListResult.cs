using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace Quiva.Gateway.Http;

/// <summary>
/// Writes a list as it is read: <c>results</c>, <c>results_total</c> and <c>next_cursor</c> of the contract, or the
/// results alone. A failure of the first read is an answer of its own; a later one ends the connection, so that no
/// caller takes half a list for a whole one.
/// </summary>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <typeparam name="TResult">What the contract has a row as.</typeparam>
/// <param name="list">The list.</param>
/// <param name="turn">Turns one into the other.</param>
/// <param name="isBare">Whether the answer is the results alone.</param>
public sealed partial class ListResult<TRow, TResult>(Listing<TRow> list, Func<TRow, TResult> turn, bool isBare = false)
    : ActionResult
{
    private const int FlushSize = 64 * 1024;

    /// <inheritdoc/>
    public override async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        await using var reads = list.ReadAsync(http.RequestAborted).GetAsyncEnumerator(http.RequestAborted);
        await reads.MoveNextAsync();
        var total = list.IsWhole || isBare ? (int?)null : await list.TotalAsync(http.RequestAborted);
        http.Response.ContentType = $"{MediaTypeNames.Application.Json}; charset=utf-8";
        try
        {
            await WriteAsync(http, reads, total);
        }
        catch (Exception exception) when (http.Response.HasStarted)
        {
            if (!http.RequestAborted.IsCancellationRequested)
            {
                LogCut(http.RequestServices.GetRequiredService<ILogger<ListResult<TRow, TResult>>>(), exception);
            }

            http.Abort();
        }
    }

    private async Task WriteAsync(HttpContext http, IAsyncEnumerator<ListRead<TRow>> reads, int? total)
    {
        var options = http.RequestServices.GetRequiredService<AnswerJson>().Options;
        var body = http.Response.BodyWriter;
        await using var json =
            new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = options.Encoder, SkipValidation = true });
        if (!isBare)
        {
            json.WriteStartObject();
            json.WritePropertyName("results");
        }

        json.WriteStartArray();
        var written = 0;
        do
        {
            var rows = reads.Current.Rows;
            for (var i = 0; i < rows.Count; i++)
            {
                JsonSerializer.Serialize(json, turn(rows[i]), options);
                // A row that is written need not wait in memory for the others.
                rows[i] = default!;
                if (json.BytesPending + body.UnflushedBytes > FlushSize)
                {
                    await json.FlushAsync(http.RequestAborted);
                    await body.FlushAsync(http.RequestAborted);
                }
            }

            written += rows.Count;
        }
        while (!reads.Current.IsLast && await reads.MoveNextAsync());
        json.WriteEndArray();
        if (!isBare)
        {
            json.WriteNumber("results_total", total ?? written);
            if (reads.Current.NextCursor is { } next)
            {
                json.WriteString("next_cursor", next);
            }

            json.WriteEndObject();
        }

        await json.FlushAsync(http.RequestAborted);
        await body.FlushAsync(http.RequestAborted);
    }

    [LoggerMessage(EventId = 1102, EventName = "ListCut", Level = LogLevel.Error,
        Message = "A list could not be read to its end")]
    private static partial void LogCut(ILogger logger, Exception exception);
}
