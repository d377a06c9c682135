using DurableTask.Core;
using DurableTask.Core.History;
using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;

namespace Quiva.Gateway.Workflows.Engine;

/// <summary>
/// The engine's messages and events as text. They name their types, which can only be the engine's own.
/// </summary>
internal static class EngineJson
{
    private static readonly JsonSerializerSettings Settings = new()
    {
        TypeNameHandling = TypeNameHandling.Auto,
        SerializationBinder = new EngineTypes(),
        NullValueHandling = NullValueHandling.Ignore,
        DateTimeZoneHandling = DateTimeZoneHandling.Utc,
    };

    public static string Write(TaskMessage message) =>
        JsonConvert.SerializeObject(message, typeof(TaskMessage), Settings);

    public static string Write(HistoryEvent item) => JsonConvert.SerializeObject(item, typeof(HistoryEvent), Settings);

    public static TaskMessage ReadMessage(string text) => JsonConvert.DeserializeObject<TaskMessage>(
        text, Settings) is { Event: not null, OrchestrationInstance: not null } message
        ? message
        : throw new JsonSerializationException("What is stored is no message.");

    public static HistoryEvent ReadEvent(string text) => JsonConvert.DeserializeObject<HistoryEvent>(text, Settings)
        ?? throw new JsonSerializationException("What is stored is no event.");

    private sealed class EngineTypes : ISerializationBinder
    {
        private static readonly System.Reflection.Assembly Engine = typeof(HistoryEvent).Assembly;

        public Type BindToType(string? assemblyName, string typeName) =>
            Engine.GetType(typeName) is { } type && type.IsAssignableTo(typeof(HistoryEvent))
                ? type
                : throw new JsonSerializationException("A message names a type that is no event of the engine.");

        public void BindToName(Type serializedType, out string? assemblyName, out string? typeName)
        {
            assemblyName = null;
            typeName = serializedType.FullName;
        }
    }
}
