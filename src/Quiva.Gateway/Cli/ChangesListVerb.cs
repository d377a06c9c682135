using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Cli;

/// <summary>The verb <c>changes list</c>.</summary>
internal static class ChangesListVerb
{
    // Lines for other programs, read by no browser.
    private static readonly JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Makes the command.</summary>
    /// <param name="settings">The settings among the words that were typed.</param>
    public static Command Create(string[] settings)
    {
        var account = new Option<string>("--account") { Description = "The account that acted.", Required = true };
        var subject = new Option<string?>("--subject") { Description = "Only changes of this subject." };
        var actor = new Option<string?>("--actor") { Description = "Only changes by this actor." };
        var since = new Option<DateTimeOffset>(
            "--since")
        { Description = "Only changes from then on, such as 2026-01-31T00:00:00Z." };
        var until = new Option<DateTimeOffset>("--until")
        {
            Description = "Only changes before then.",
            DefaultValueFactory = _ => DateTimeOffset.MaxValue
        };
        var list = new Command("list", "Print the audit trail, one JSON object a line, oldest first.")
        {
            account,
            subject,
            actor,
            since,
            until
        };
        list.SetAction((parsed, cancellationToken) => CommandLine.OnGatewayAsync(
            settings,
            async services =>
            {
                var filter = new ChangeFilter(
                    parsed.GetRequiredValue(account), parsed.GetValue(
                        subject), parsed.GetValue(actor), parsed.GetValue(since), parsed.GetValue(until));
                await foreach (var change in services.GetRequiredService<ChangeListStore>()
                    .ListAsync(filter, cancellationToken))
                {
                    Console.WriteLine(JsonSerializer.Serialize(change, Lines));
                }

                return 0;
            },
            cancellationToken));
        return list;
    }
}
