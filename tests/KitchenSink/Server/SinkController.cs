using System.Text.Json;
using KitchenSink.Contract;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace KitchenSink;

/// <summary>Answers with what it got, so that a caller sees what arrived.</summary>
public sealed class SinkController : SinkControllerBase
{
    /// <inheritdoc/>
    public override Task<ActionResult<Echo>> ListSink(
        IEnumerable<int>? ids,
        IEnumerable<string>? names,
        IEnumerable<string>? colors,
        Filter? filter,
        IDictionary<string, string>? labels,
        DateOnly? day,
        Guid? id,
        DateTimeOffset? at,
        long? size,
        double? ratio,
        long? level,
        string? hint,
        bool? is_open,
        string? x_Trace,
        int x_Count,
        string? session,
        CancellationToken cancellationToken)
    {
        if (session == "nothing")
        {
            return Task.FromResult<ActionResult<Echo>>(NoContent());
        }

        if (session == "bad")
        {
            return Task.FromResult<ActionResult<Echo>>(
                StatusCode(StatusCodes.Status418ImATeapot, new Problem { Error = "tea", Code = 7 }));
        }

        var text = JsonSerializer.Serialize(new
        {
            ids,
            names,
            colors,
            filter,
            labels,
            day,
            id,
            at,
            size,
            ratio,
            level,
            hint,
            is_open,
            x_Trace,
            x_Count,
            session
        });
        return Task.FromResult<ActionResult<Echo>>(
            session == "later" ? Accepted(new Echo { Text = text }) : new Echo { Text = text });
    }

    /// <inheritdoc/>
    public override Task<ActionResult<Thing>> PutThing(
        DateOnly day, Guid id, Thing body, CancellationToken cancellationToken) =>
        Task.FromResult<ActionResult<Thing>>(
            body.Id == id && body.Day == day ? body : StatusCode(StatusCodes.Status201Created, body));

    /// <inheritdoc/>
    public override Task<ActionResult<Pet>> PutPet(Pet body, CancellationToken cancellationToken) =>
        Task.FromResult<ActionResult<Pet>>(body);

    /// <inheritdoc/>
    public override Task<ActionResult<Zoo>> PutZoo(Zoo body, CancellationToken cancellationToken) =>
        Task.FromResult<ActionResult<Zoo>>(body);

    /// <inheritdoc/>
    public override Task<IActionResult> GetFile(string name, CancellationToken cancellationToken) =>
        Task.FromResult<IActionResult>(File(System.Text.Encoding.UTF8.GetBytes(name), "application/octet-stream"));

    /// <inheritdoc/>
    public override async Task<IActionResult> PutFile(string name, Stream body, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(body);
        return await reader.ReadToEndAsync(cancellationToken) == name ? NoContent() : BadRequest();
    }

    /// <inheritdoc/>
    public override async Task<ActionResult<Echo>> UploadFile(
        string name, IFormFile? file, string? note, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file!.OpenReadStream());
        return new Echo
        {
            Text = $"{name} {file.FileName} {file.ContentType} {await reader.ReadToEndAsync(cancellationToken)} {note}"
        };
    }
}
