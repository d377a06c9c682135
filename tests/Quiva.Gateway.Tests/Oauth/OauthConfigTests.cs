using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NSwag;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests.Oauth;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OauthConfigTests(DatabaseProvider engine)
{
    private GatewayApp app = null!;
    private HttpClient admin = null!, developer = null!, anonymous = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        app = await GatewayApp.StartAsync(engine);
        admin = await app.AdminAsync();
        developer = await app.ClientAsync("acme", "developer");
        anonymous = app.Client();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        admin.Dispose();
        developer.Dispose();
        anonymous.Dispose();
        await app.DisposeAsync();
    }

    [Test]
    public async Task The_examples_of_the_contract_are_stored_as_written([Values("slack", "github")] string example)
    {
        var contract =
            await OpenApiYamlDocument.FromYamlAsync(System.Text.Encoding.UTF8.GetString(ServedContract.Bytes));
        var put = contract.Operations.Single(
            operation => operation.Operation.OperationId == "putIntegrationsOauthConfig").Operation;
        var body = JsonNode.Parse(Newtonsoft.Json.JsonConvert.SerializeObject(
            put.RequestBody!.Content["application/json"].Examples[example].Value))!
            .AsObject();
        using var stored = await admin.PutConfigAsync(body);
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await stored.Content.ReadAsStringAsync(), Is.EqualTo("""{"message":"success"}"""));
        var read = await developer.GetFromJsonAsync<OauthConfigBasicData>(Configs.PathOf(example));
        Assert.That(
            (read!.Integration_id, read.Name, read.Scopes, read.Subject),
            Is.EqualTo(
                (example, (string)body["name"]!, (string)body["scopes"]!, "ms.integration.oauth.config." + example)));
    }

    [Test]
    public async Task Without_credentials_every_operation_is_refused()
    {
        foreach (var send in new Func<HttpClient, Task<HttpResponseMessage>>[]
        {
            client => client.GetAsync("/hub/integrations/oauth-config"),
            client => client.GetConfigAsync("slack"),
            client => client.PutConfigAsync(Configs.Body("protected")),
            client => client.DeleteConfigAsync("slack"),
        })
        {
            using var response = await send(anonymous);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(
                response.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme),
                Is.EqualTo(new[] { "Bearer", "ApiKey" }));
        }

        using var absent = await developer.GetConfigAsync("protected");
        Assert.That(absent.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Only_platform_staff_writes()
    {
        using var put = await developer.PutConfigAsync(Configs.Body("refused"));
        using var delete = await developer.DeleteConfigAsync("refused");
        using var get = await developer.GetConfigAsync("refused");
        Assert.That(
            (put.StatusCode, delete.StatusCode, get.StatusCode),
            Is.EqualTo((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.NotFound)));
    }

    [Test]
    public async Task What_is_absent_is_not_found()
    {
        using var get = await developer.GetConfigAsync("absent");
        using var delete = await admin.DeleteConfigAsync("absent");
        Assert.That(
            (get.StatusCode, delete.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        Assert.That(await get.ErrorAsync(), Is.EqualTo("This integration has no OAuth configuration."));
    }

    [Test]
    public async Task A_replacement_replaces_everything_and_records_what_changed()
    {
        using var first = await admin.PutConfigAsync(Configs.Body("replaced", "one"));
        var body = Configs.Body("replaced", "two");
        body["name"] = "Other";
        body["token_url"] = "https://slack.com/other";
        using var second = await admin.PutConfigAsync(body);
        using var same = await admin.PutConfigAsync(body);
        var read = await developer.GetFromJsonAsync<OauthConfigBasicData>(Configs.PathOf("replaced"));
        Assert.That(read!.Name, Is.EqualTo("Other"));
        Assert.That(
            (await ChangesAsync("replaced")).Select(change => (change.Kind, change.Fields)),
            Is.EqualTo(new[]
            {
                ("created", "name,scopes,client_id,client_secret,auth_url,token_url,redirect_url"),
                ("updated", "name,client_secret,token_url"),
                ("updated", ""),
            }));
    }

    [Test]
    public async Task A_removed_configuration_is_gone_and_its_history_stays()
    {
        using var put = await admin.PutConfigAsync(Configs.Body("removed"));
        using var delete = await admin.DeleteConfigAsync("removed");
        using var get = await developer.GetConfigAsync("removed");
        Assert.That((delete.StatusCode, get.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
        Assert.That(
            (await ChangesAsync("removed")).Select(change => change.Kind), Is.EqualTo(new[] { "created", "deleted" }));
    }

    [Test]
    public async Task The_path_and_the_body_name_the_same_integration()
    {
        using var response = await admin.PutConfigAsync("path", JsonContent.Create(Configs.Body("body")));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(
            await response.ErrorAsync(), Is.EqualTo("integration_id in the body differs from the one in the path."));
    }

    [Test]
    public async Task Identifiers_are_compared_byte_by_byte()
    {
        using var lower = await admin.PutConfigAsync(Configs.Body("bytewise"));
        using var upper = await developer.GetConfigAsync("Bytewise");
        Assert.That(upper.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Members_that_the_contract_does_not_name_are_ignored()
    {
        var body = Configs.Body("extra");
        body["extra"] = new JsonObject { ["deep"] = app.Canary };
        using var response = await admin.PutConfigAsync(body);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var read = await developer.GetConfigAsync("extra");
        Assert.That(read.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task The_list_is_complete_and_in_order()
    {
        foreach (var id in new[] { "z-list", "a-list", "A-list", "a_list" })
        {
            using var put = await admin.PutConfigAsync(Configs.Body(id));
        }

        var list = await developer.GetFromJsonAsync<OauthConfigList>("/hub/integrations/oauth-config");
        var ids = list!.Results.Select(config => config.Integration_id).ToList();
        Assert.That(ids, Is.SupersetOf(new[] { "A-list", "a-list", "a_list", "z-list" }));
        Assert.That(ids, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(list.Results_total, Is.EqualTo(ids.Count));
    }

    [Test]
    public async Task A_change_can_require_the_version_that_was_seen()
    {
        using var created = await admin.PutConfigAsync(Configs.Body("guarded"));
        using var read = await developer.GetConfigAsync("guarded");
        var seen = read.Headers.ETag!.ToString();
        Assert.That(created.Headers.ETag!.ToString(), Is.EqualTo(seen));
        using var stale = await admin.PutConfigAsync(Configs.Body("guarded"), "\"0\"");
        using var weak = await admin.PutConfigAsync(Configs.Body("guarded"), "W/" + seen);
        using var one = await admin.PutConfigAsync(Configs.Body("guarded"), $"\"0\", {seen}");
        using var any = await admin.PutConfigAsync(Configs.Body("guarded"), "*");
        using var staleDelete = await admin.DeleteConfigAsync("guarded", seen);
        using var delete = await admin.DeleteConfigAsync("guarded", any.Headers.ETag!.ToString());
        Assert.That(
            new[] { stale, weak, one, any, staleDelete, delete }.Select(response => (int)response.StatusCode),
            Is.EqualTo(new[] { 412, 412, 200, 200, 412, 200 }));
    }

    [Test]
    public async Task A_version_is_never_that_of_an_earlier_life()
    {
        using var first = await admin.PutConfigAsync(Configs.Body("reborn"));
        using var delete = await admin.DeleteConfigAsync("reborn");
        using var second = await admin.PutConfigAsync(Configs.Body("reborn"));
        using var stale = await admin.PutConfigAsync(Configs.Body("reborn"), first.Headers.ETag!.ToString());
        Assert.That(stale.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
    }

    [Test]
    public async Task Nothing_that_is_absent_matches_a_precondition()
    {
        using var put = await admin.PutConfigAsync(Configs.Body("unborn"), "*");
        using var delete = await admin.DeleteConfigAsync("unborn", "\"1\"");
        using var get = await developer.GetConfigAsync("unborn");
        Assert.That((put.StatusCode, delete.StatusCode, get.StatusCode), Is.EqualTo(
            (HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed, HttpStatusCode.NotFound)));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase("\"1")]
    [TestCase("\"1\" \"2\"")]
    [TestCase("*, \"1\"")]
    public async Task A_malformed_precondition_changes_nothing(string ifMatch)
    {
        using var put = await admin.PutConfigAsync(Configs.Body("malformed"), ifMatch);
        using var get = await developer.GetConfigAsync("malformed");
        Assert.That((put.StatusCode, get.StatusCode), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.NotFound)));
        Assert.That(await put.ErrorAsync(), Does.StartWith("If-Match must"));
    }

    [Test]
    public async Task Of_20_writers_with_one_ETag_one_wins()
    {
        using var created = await admin.PutConfigAsync(Configs.Body("race"));
        var seen = created.Headers.ETag!.ToString();
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => admin.PutConfigAsync(Configs.Body("race", $"secret {i}"), seen)));
        Assert.That(
            responses.GroupBy(response => (int)response.StatusCode).Select(group => (group.Key, group.Count())).Order(),
            Is.EqualTo(new[] { (200, 1), (412, 19) }));
        Assert.That(await ChangesAsync("race"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Of_50_writers_without_a_precondition_all_win_in_turn()
    {
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => admin.PutConfigAsync(Configs.Body("crowd", $"secret {i}"))));
        Assert.That(responses.Select(response => (int)response.StatusCode), Has.All.EqualTo(200));
        var changes = await ChangesAsync("crowd");
        Assert.That(changes, Has.Count.EqualTo(50));
        Assert.That(changes.Select(change => change.Sequence), Is.Unique.And.Ordered);
        Assert.That(
            changes.Select(change => change.Kind),
            Is.EqualTo(new[] { "created" }.Concat(Enumerable.Repeat("updated", 49))));
        Assert.That(
            responses.Select(response => response.Headers.ETag!.ToString()),
            Is.EquivalentTo(changes.Select(change => IfMatch.TagOf(change.Sequence))));
        using var read = await developer.GetConfigAsync("crowd");
        Assert.That(read.Headers.ETag!.ToString(), Is.EqualTo(IfMatch.TagOf(changes[^1].Sequence)));
    }

    private Task<List<StoredChange>> ChangesAsync(string integration) => app.Database.QueryAsync<StoredChange>(
        "select version as sequence, kind, fields, actor from changes where subject = @subject order by version", new
        {
            subject = "ms.integration.oauth.config."
            + integration
        });

    private sealed class StoredChange
    {
        public long Sequence { get; init; }

        public string Kind { get; init; } = "";

        public string Fields { get; init; } = "";
    }
}
