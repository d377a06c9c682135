using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quiva.Gateway.Client;

/// <content>The answer is an object, or a text: the generator knows only the former.</content>
[JsonConverter(typeof(RunWorkflowResponseConverter))]
public partial class RunWorkflowResponse
{
    /// <summary>
    /// <c>ordered run: …</c> or <c>debounced run: …</c> with the key, when the run waits for others of the same key;
    /// everything else is null then. The run's path is the answer's <c>Location</c>.
    /// </summary>
    [JsonIgnore]
    public string? Queued { get; set; }
}

internal sealed class RunWorkflowResponseConverter : JsonConverter<RunWorkflowResponse>
{
    public override RunWorkflowResponse? Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new() { Queued = reader.GetString() };
        }

        return JsonSerializer.Deserialize<Started>(ref reader, options) is { } started
            ? new() { TrackingId = started.TrackingId, Result = started.Result, Runs = started.Runs }
            : null;
    }

    public override void Write(Utf8JsonWriter writer, RunWorkflowResponse value, JsonSerializerOptions options)
    {
        if (value.Queued is not null)
        {
            writer.WriteStringValue(value.Queued);
        }
        else
        {
            JsonSerializer.Serialize(
                writer,
                new Started { TrackingId = value.TrackingId, Result = value.Result, Runs = value.Runs },
                options);
        }
    }

    private sealed class Started
    {
        [JsonPropertyName("trackingId")]
        public string? TrackingId { get; set; }

        [JsonPropertyName("result")]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public JsonElement Result { get; set; }

        [JsonPropertyName("runs")]
        public IReadOnlyList<BatchRun>? Runs { get; set; }
    }
}
