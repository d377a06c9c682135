using System.Net;
using System.Web;
using Quiva.Gateway.Client;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Clients;

public sealed partial class EveryOperationTests
{
    private async Task WorkflowsAsync()
    {
        var collection = (await developer.Collections.CreateCollectionAsync(new()
        {
            Name = "Flows",
            CollectionType = CollectionType.Workflow
        })).Value;
        var client = developer.Workflows;
        var created = await client.CreateWorkflowAsync(new()
        {
            Name = "Intake",
            Collection = collection.Subject,
            Config = Config("1")
        });
        var topic = created.Value.Subject.Split('.')[^1];
        Assert.That(
            (created.Status, created.Value.Config!.Static!["ключ"].GetRawText()),
            Is.EqualTo((HttpStatusCode.Created, """{"x": 1.50}""")));

        var draft = await client.GetWorkflowAsync(collection.Topic, topic, draft: true);
        Assert.That(
            (draft.ETag, draft.Value.Config!.Options!.RunType, draft.Value.Config.Edges!.Single().Target),
            Is.EqualTo((created.ETag, RunType.Ordered, "b")));
        await RefusedAsync(HttpStatusCode.NotFound, client.GetWorkflowAsync(collection.Topic, topic));

        var published =
            await client.PublishWorkflowAsync(new() { Subject = created.Value.Subject }, ifMatch: draft.ETag);
        Assert.That(published.ETag, Is.EqualTo((await client.GetWorkflowAsync(collection.Topic, topic)).ETag));

        var changed = await client.UpdateWorkflowAsync(
            collection.Topic,
            topic,
            new() { Subject = created.Value.Subject, Name = "Renamed", Config = Config("2") },
            ifMatch: draft.ETag);
        Assert.That(
            (changed.Value.Name, changed.Value.Config!.Nodes![0].Data!.Payload.GetRawText()),
            Is.EqualTo(("Renamed", "2")));
        await RefusedAsync(HttpStatusCode.PreconditionFailed, client.UpdateWorkflowAsync(
            collection.Topic, topic, new() { Subject = created.Value.Subject }, ifMatch: draft.ETag));

        var both = (await client.ListWorkflowsAsync(collection.Topic)).Value;
        var drafts = (await client.ListWorkflowsAsync(collection.Topic, WorkflowVersion.Draft, limit: 1)).Value;
        Assert.That(
            (both.ResultsTotal, drafts.ResultsTotal, drafts.Results.Single().Name), Is.EqualTo((2, 1, "Renamed")));

        await RunsAsync(collection);

        List<string> versions = [];
        string? cursor = null;
        do
        {
            var page = await client.WorkflowHistoryAsync(collection.Topic, topic, draft: true, limit: 1, cursor);
            versions.Add(page.Value.Single().Nodes![0].Data!.Payload.GetRawText());
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.That(versions, Is.EquivalentTo(new[] { "1", "2" }));

        Assert.That(
            (await client.DeleteWorkflowAsync(
                collection.Topic, topic, draft: true, ifMatch: changed.ETag)).Value.Message,
            Is.EqualTo("success"));
        await RefusedAsync(HttpStatusCode.NotFound, client.GetWorkflowAsync(collection.Topic, topic, draft: true));

        static WorkflowConfig Config(string payload) => new()
        {
            Nodes =
            [
                new()
                {
                    Data = new() { Id = "a", NodeType = NodeType.Map, Payload = Json(payload) },
                    Position = new() { ["x"] = Json("10") }
                },
                new() { Data = new() { Id = "b", NodeType = NodeType.Map, Payload = Json("true") } },
            ],
            Edges = [new() { Source = "a", Target = "b" }],
            Static = new() { ["ключ"] = Json("""{"x": 1.50}""") },
            Options = new() { RunType = RunType.Ordered },
        };
    }

    private async Task RunsAsync(CreateCollectionResponse collection)
    {
        var client = developer.Workflows;
        var flow = (await client.CreateWorkflowAsync(new()
        {
            Name = "Runs",
            Collection = collection.Subject,
            Config = new()
            {
                Nodes = [
                    new() { Data = new() { Id = "a", NodeType = NodeType.Map, Payload = Json("\"$.trigger.claim\"") } },
                    new() { Data = new()
                    {
                        Id = "b",
                        NodeType = NodeType.Delay,
                        Payload = Json("{\"time_ms\":\"$.trigger.wait\"}")
                    } }
                ],
                Edges = [new() { Source = "a", Target = "b" }],
                Result = Json("\"a\""),
            },
        })).Value;
        var topic = flow.Subject.Split('.')[^1];
        var ran = await client.RunWorkflowAsync(
            collection.Topic,
            topic,
            new() { Trigger = new() { ["claim"] = Json("1.50"), ["wait"] = Json("0") }, Await = true },
            draft: true);
        Assert.That((ran.Value.Result.GetRawText(), ran.Value.Queued), Is.EqualTo(("1.50", (string?)null)));

        var started = await client.RunWorkflowAsync(
            collection.Topic,
            topic,
            new() { Trigger = new() { ["wait"] = Json("60000") } },
            draft: true,
            idempotencyKey: "once");
        var listed = (await client.ListRunsAsync(flow.Subject, limit: 1)).Value;
        Assert.That(
            (listed.Results.Single().TrackingId, listed.NextCursor),
            Is.EqualTo((started.Value.TrackingId, listed.NextCursor)).And.Not.Null);
        Assert.That((await client.CancelRunAsync(started.Value.TrackingId!)).Value.Message, Is.EqualTo("success"));
        var cancelled = (await client.GetRunAsync(started.Value.TrackingId!)).Value;
        Assert.That(
            (cancelled.Status, cancelled.Steps.Select(step => step.Node)),
            Is.EqualTo((RunStatus.Cancelled, new[] { "a", "b" })));
        await RefusedAsync(HttpStatusCode.Conflict, client.CancelRunAsync(started.Value.TrackingId!));
        var failure = (GatewayApiException<RunFailure>)await RefusedAsync(
            HttpStatusCode.UnprocessableEntity,
            client.RunWorkflowAsync(
                collection.Topic,
                topic,
                new() { Trigger = new() { ["wait"] = Json("-1") }, Await = true },
                draft: true));
        Assert.That(failure.Result.Node, Is.EqualTo("b"));
        var errored = (await client.ListErroredRunsAsync(flow.Subject)).Value;
        Assert.That(
            (errored.ResultsTotal, errored.Results.Single().TrackingId), Is.EqualTo((1, failure.Result.TrackingId)));
        Assert.That((await client.ListPausedRunsAsync()).Value.ResultsTotal, Is.Zero);
        Assert.That((await client.RetryRunAsync(failure.Result.TrackingId!)).Value.Message, Is.EqualTo("success"));

        var queue = (await client.CreateWorkflowAsync(new()
        {
            Name = "Queue",
            Collection = collection.Subject,
            Config = new()
            {
                Nodes = [new() { Data = new() { Id = "a", NodeType = NodeType.Map, Payload = Json("1") } }],
                Options = new() { RunType = RunType.Ordered, OrderOn = "$.trigger.k" }
            },
        })).Value;
        var queued = await client.RunWorkflowAsync(
            collection.Topic,
            queue.Subject.Split('.')[^1],
            new() { Trigger = new() { ["k"] = Json("17") } },
            draft: true);
        Assert.That(
            (queued.Value.Queued, queued.Value.TrackingId),
            Is.EqualTo(("ordered run: 17", (string?)null)),
            "An answer that is a text.");
    }

    private async Task OauthAsync()
    {
        IntegrationOauthConfig config = new()
        {
            IntegrationId = "fake",
            Name = "Fake",
            Scopes = "read,write",
            ClientId = "id",
            ClientSecret = app.Canary,
            AuthUrl = provider.Url + "/authorize",
            TokenUrl = provider.Url + "/token",
            RedirectUrl = "https://api.quiva.ai/hub/integrations/oauth-callback",
            RevocationUrl = provider.Url + "/revoke",
            Variables = [new() { Name = "shop", In = VariablePlace.Login }],
            TokenParams = new Dictionary<string, string> { ["shop"] = "$(shop)" },
        };
        var stored = await admin.Oauth.PutIntegrationsOauthConfigAsync("fake", config);
        await RefusedAsync(
            HttpStatusCode.PreconditionFailed,
            admin.Oauth.PutIntegrationsOauthConfigAsync("fake", config, ifMatch: "\"0\""));
        await RefusedAsync(HttpStatusCode.Forbidden, developer.Oauth.PutIntegrationsOauthConfigAsync("fake", config));

        var client = developer.Oauth;
        var read = await client.GetIntegrationOauthConfigAsync("fake");
        Assert.That(
            (read.ETag, read.Value.Name, read.Value.Subject),
            Is.EqualTo((stored.ETag, "Fake", "ms.integration.oauth.config.fake")));
        Assert.That(
            (await client.GetIntegrationsOauthConfigsAsync()).Value.Results.Single().Scopes, Is.EqualTo("read,write"));

        var login = await client.GetIntegrationsOauthLoginAsync(
            "fake", "maria", scopes: "read", variables: new Dictionary<string, string> { ["shop"] = "acme" });
        var asked = HttpUtility.ParseQueryString(new Uri(login.Value.OauthUrl).Query);
        Assert.That(asked["scope"], Is.EqualTo("read"));
        var callback = await client.IntegrationsOauthCallbackAsync(code: "the-code", state: asked["state"]!);
        Assert.That(
            (callback.Value.Subject, callback.Value.AccessToken),
            Is.EqualTo(("ms.integration.oauth.acme.fake.maria", (string?)null)));
        await RefusedAsync(
            HttpStatusCode.Unauthorized,
            client.IntegrationsOauthCallbackAsync(code: "the-code", state: asked["state"]!));

        // A browser is sent on to the application, or asked for a click; what a client gets of that is a refusal.
        var back = await client.GetIntegrationsOauthLoginAsync(
            "fake",
            "maria",
            returnUrl: "https://app.example.com/back",
            variables: new Dictionary<string, string> { ["shop"] = "acme" });
        var handle = new string('A', 43);
        await RefusedAsync(HttpStatusCode.NotFound, client.FinishIntegrationsOauthLoginAsync(
            "fake", "maria", new() { Handle = handle, Session = back.Value.Session! }));
        await RefusedAsync(HttpStatusCode.Unauthorized, client.IntegrationOauthCallbackAsync("fake", state: "unknown"));
        await RefusedAsync(HttpStatusCode.Unauthorized, client.ConfirmIntegrationsOauthLoginAsync(new()
        {
            Handle = handle,
            Decision = OauthLoginDecision.Connect
        }));

        var connection = (await client.GetIntegrationsOauthConnectionAsync("fake", "maria")).Value;
        Assert.That(
            (connection.AccessToken, connection.TokenType, connection.Variables!["shop"]),
            Is.EqualTo(("access-1", "Bearer", "acme")));
        Assert.That(connection.Expiry, Is.EqualTo(DateTimeOffset.UtcNow.AddHours(1)).Within(TimeSpan.FromMinutes(1)));
        Assert.That(
            (await client.GetIntegrationsOauthConnectionsAsync()).Value.Results.Single().Subject,
            Is.EqualTo(connection.Subject));
        Assert.That((await client.GetIntegrationConnectionsAsync("fake")).Value.ResultsTotal, Is.EqualTo(1));

        provider.Answer = FakeProvider.Say(200, "application/json", FakeProvider.Tokens("2").ToJsonString());
        Assert.That(
            (await client.RefreshIntegrationsOauthTokenAsync(
                "fake", "maria", connection.RefreshToken!)).Value.AccessToken,
            Is.EqualTo("access-2"));
        Assert.That(
            (await client.RenewIntegrationsOauthTokenAsync(
                "fake", "maria", new() { RefreshToken = "refresh-2" })).Value.TokenType,
            Is.EqualTo("Bearer"));
        Assert.That(
            (await client.DeleteIntegrationsOauthConnectionAsync("fake", "maria")).Value.Message,
            Is.EqualTo("success"));
        await RefusedAsync(HttpStatusCode.NotFound, client.GetIntegrationsOauthConnectionAsync("fake", "maria"));

        await admin.Oauth.DeleteIntegrationsOauthConfigAsync("fake", ifMatch: stored.ETag);
        await RefusedAsync(HttpStatusCode.NotFound, client.GetIntegrationOauthConfigAsync("fake"));
    }

    private async Task ProvidersAsync()
    {
        var found = (await developer.Providers.ListProvidersAsync("GitHub", limit: 10)).Value;
        Assert.That((found.Results.Single().ProviderId, found.ResultsTotal), Is.EqualTo(("github", 1)));
        Assert.That(
            (await developer.Providers.GetProviderAsync("github")).Value.Config.TokenUrl,
            Is.EqualTo("https://github.com/login/oauth/access_token"));
        await RefusedAsync(HttpStatusCode.NotFound, developer.Providers.GetProviderAsync("no-such"));
    }

    private async Task ApiKeysAsync()
    {
        var client = developer.ApiKeys;
        var made = (await client.CreateApiKeyAsync(new()
        {
            Name = "Nightly import",
            Roles = [Role.Developer],
            ExpiresInDays = 1
        })).Value;
        Assert.That(made.Roles, Is.EqualTo(new[] { Role.Developer }));
        var listed = (await client.ListApiKeysAsync()).Value;
        Assert.That(listed.Results.Select(key => key.Id), Does.Contain(made.Id));
        Assert.That((await client.RevokeApiKeyAsync(made.Id)).Value.Message, Is.EqualTo("success"));
        await RefusedAsync(HttpStatusCode.NotFound, client.RevokeApiKeyAsync(made.Id));
    }
}
