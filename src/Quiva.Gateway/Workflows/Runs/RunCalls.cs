using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Workflows.Runs;

/// <summary>What callers do with runs.</summary>
public sealed class RunCalls(
    RunConfigStore workflows, RunStarts starts, RunStarter starter, RunStore runs, RunSessions sessions, RunReader reader, RunWaiters waiters, SecretProtector secrets,
    RunAdvance advance, Engine.RunEngine engine, IOptions<RunOptions> options, IOptions<JsonOptions> json, TimeProvider time)
{
    // What a workflow may know of the request: nothing that is a credential.
    private static readonly string[] KeptHeaders =
        ["accept", "accept-language", "content-type", "traceparent", "user-agent", "x-correlation-id", "x-forwarded-for", "x-request-id"];

    /// <summary>Starts runs of a workflow.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="subject">The version of the workflow.</param>
    /// <param name="body">What is asked for.</param>
    /// <param name="key">The caller's own key for this, or null.</param>
    /// <param name="headers">The request's headers.</param>
    /// <param name="cancellationToken">Ends the work; nothing was started then.</param>
    /// <returns>The runs; and what the caller is told instead when they wait for others.</returns>
    internal async Task<(List<StoredRun> Runs, string? Note)> StartAsync(Caller caller, string subject, RunWorkflowRequest body, string? key, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            throw new GatewayException(GatewayError.Unavailable, "Workflows do not run on this gateway.");
        }

        if (body.Trigger is null == body.Triggers is null)
        {
            throw new GatewayException(GatewayError.Invalid, body.Trigger is null ? "no trigger specified" : "Send either trigger or triggers.");
        }

        var workflow = await workflows.FindAsync(caller.Account, subject, cancellationToken);
        if (body.Triggers is not null && workflow.Graph.Config.Options?.Run_type is RunType.Ordered or RunType.Debounced)
        {
            throw new GatewayException(GatewayError.Invalid, "Send one trigger at a time to a workflow whose runs wait for others.");
        }

        var inputs = (body.Triggers ?? [body.Trigger!]).ConvertAll(trigger => InputOf(trigger, headers));
        var (text, burst) = RunKeys.Of(workflow.Graph, inputs[0]);
        var request = new RunRequest(
            caller.Account, caller.Actor, subject, inputs, body.Await == true && workflow.Graph.Config.Options?.Run_type is null or RunType.Normal, body.Enable_log == true, key is null ? null : RunRules.HashOf(key),
            key is null ? null : RunRules.HashOf(JsonSerializer.Serialize(new { body.Trigger, body.Triggers, body.Enable_log }, json.Value.JsonSerializerOptions)),
            text is null ? null : RunRules.HashOf(text), burst);
        var (started, areNew) = await starts.StartAsync(request, workflow, cancellationToken);
        foreach (var run in areNew ? started.Where(run => run.IsRunning) : [])
        {
            if (body.Await == true)
            {
                _ = waiters.Expect(run.Id);
                _ = starter.BeginHereAsync(run);
            }
            else
            {
                starts.Begin(run);
            }
        }

        if (text is not null)
        {
            starts.Look();
        }

        return (started, text is null ? null : $"{(burst is null ? "ordered" : "debounced")} run: {text}");
    }

    /// <summary>Waits for a run.</summary>
    /// <returns>The run as it ended; null when the caller has waited long enough.</returns>
    internal async Task<StoredRun?> WaitAsync(StoredRun run, TimeSpan patience, CancellationToken cancellationToken) =>
        run.IsEnded ? run : await waiters.WaitAsync(run.Account, run.Id, patience, cancellationToken);

    /// <summary>How long a caller may wait.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(options.Value.AwaitSeconds);

    /// <summary>A run's result as the caller sees it: of a paused run the log of its steps.</summary>
    internal async Task<JsonElement> ResultOfAsync(StoredRun run, CancellationToken cancellationToken)
    {
        if (run.Status != RunStatus.Paused)
        {
            return reader.ResultOf(run);
        }

        while (true)
        {
            using var lease = await sessions.EnterAsync(run.Account, run.Id, cancellationToken);
            if (lease is null)
            {
                return default;
            }

            if (await sessions.IsCurrentAsync(lease, cancellationToken))
            {
                await sessions.LoadAsync(lease.Session, lease.Session.Steps.Keys, cancellationToken);
                lease.Keep();
                return LogOf(lease.Session);
            }
        }
    }

    // A log that is too large keeps nobody from seeing that the run is paused.
    private static JsonElement LogOf(RunSession session)
    {
        try
        {
            return References.Parse(RunLog.Steps(session));
        }
        catch (StepException)
        {
            return default;
        }
    }

    /// <summary>Why a run has no result.</summary>
    internal RunFailure FailureOf(StoredRun run) => new()
    {
        Error = reader.ErrorOf(run),
        TrackingId = run.TrackingId,
        Node = run.Failed_node,
        Status_code = run.Status_code,
    };

    /// <summary>Cancels a run and those that it has started.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The run's id, or its whole trackingId.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GatewayException">There is no such run, or it has ended.</exception>
    public async Task CancelAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var run = await reader.RequireAsync(caller.Account, id, cancellationToken);
        if (!await TryCancelAsync(run, caller, cancellationToken))
        {
            throw new GatewayException(GatewayError.Conflict, "the run has ended");
        }
    }

    private async Task<bool> TryCancelAsync(StoredRun run, Caller caller, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using (var lease = await sessions.EnterAsync(run.Account, run.Id, cancellationToken) ?? throw RunStore.NotFound)
                {
                    if (lease.Session.Run.IsEnded)
                    {
                        return false;
                    }

                    var change = new RunChange(lease.Session);
                    var now = time.GetUtcNow();
                    change.End(RunStatus.Cancelled, secrets, now);
                    change.Also = async transaction =>
                    {
                        // What comes after a burst that was cancelled is another burst.
                        await RunKeyStore.ForgetBurstAsync(transaction, change.After, cancellationToken);
                        await transaction.AppendAsync(new(run.Account, run.TrackingId, "cancelled", caller.Actor, now, ["status"]), cancellationToken);
                    };
                    await advance.SaveAsync(lease.Session, change, cancellationToken);
                    run = change.After;
                }

                foreach (var child in await runs.ListChildrenAsync(run, cancellationToken))
                {
                    await TryCancelAsync(child, caller, cancellationToken);
                }

                await engine.TellAsync(run, null);
                return true;
            }
            catch (RunChangedException) when (attempt < 20)
            {
                // Read again what has changed meanwhile.
            }
        }
    }

    private byte[] InputOf(FreeForm trigger, IHeaderDictionary headers)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(trigger, json.Value.JsonSerializerOptions);
        if (value.Length > References.LargestValue)
        {
            throw new GatewayException(GatewayError.Invalid, "A trigger must have at most 1 MiB.");
        }

        var buffer = new ArrayBufferWriter<byte>(value.Length + 256);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1000 });
        writer.WriteStartObject();
        writer.WriteStartObject("headers");
        foreach (var name in KeptHeaders)
        {
            if (headers.TryGetValue(name, out var sent) && sent.ToString() is { Length: <= 1000 } text)
            {
                writer.WriteString(name, text);
            }
        }

        writer.WriteEndObject();
        writer.WritePropertyName("trigger");
        writer.WriteRawValue(value, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
