using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.Oauth;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ListPartTests(DatabaseProvider engine) : HubFixture(engine)
{
    private const string InsertSql = """
        insert into oauth_connections (account, integration_id, connection_id, access_token, refresh_token, token_type, scopes, version, modified_at, fence)
        values (@account, @integration, @connection, @token, @token, 'Bearer', '', 1, @now, 0)
        """;

    [Test]
    public async Task Connections_are_listed_in_parts_without_a_look_at_their_tokens()
    {
        // None of these tokens opens.
        string[] expected = [.. new[] { "a", "b-2", "b_1" }.SelectMany(
            _ => new[] { "1", "2", "3" }, (integration, id) => $"ms.integration.oauth.{Account}.{integration}.{id}")];
        foreach (var parts in expected.Select(subject => subject.Split('.')))
        {
            var parameters = new
            {
                account = Account,
                integration = parts[4],
                connection = parts[5],
                token = new byte[] { 1 },
                now = DateTimeOffset.UtcNow
            };
            await App.Database.InTransactionAsync(
                transaction => transaction.ExecuteAsync(InsertSql, parameters, default), default);
        }

        await App.Services.GetRequiredService<CounterCheckStore>().CheckAsync(repair: true, default);
        Assert.That(await SubjectsAsync("/hub/integrations/oauth-connections", 9), Is.EqualTo(expected));
        Assert.That(await SubjectsAsync("/hub/integrations/b-2/oauth-connections", 3), Is.EqualTo(expected[3..6]));
        var cursor = (string)(await Client.CallAsync("GET", "/hub/integrations/b-2/oauth-connections?limit=1")).Json[
            "next_cursor"]!;
        var other = await Client.CallAsync("GET", $"/hub/integrations/a/oauth-connections?limit=1&cursor={cursor}");
        Assert.That((other.Status, other.Error), Is.EqualTo((400, "cursor must be a cursor that this list gave.")));
    }

    [Test]
    public async Task Configurations_are_listed_in_parts()
    {
        using var admin = await App.AdminAsync();
        foreach (var integration in new[] { "part-1", "part-2", "part-3" })
        {
            using var put = await admin.PutConfigAsync(Configs.Body(integration));
            Assert.That((int)put.StatusCode, Is.EqualTo(200));
        }

        var all = (int)(await Client.CallAsync("GET", "/hub/integrations/oauth-config")).Json["results_total"]!;
        Assert.That(
            await SubjectsAsync("/hub/integrations/oauth-config", all),
            Is.SupersetOf(new[] { 1, 2, 3 }.Select(i => $"ms.integration.oauth.config.part-{i}")));
    }

    private async Task<List<string>> SubjectsAsync(string path, int total)
    {
        var subjects = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var part = (await Client.CallAsync(
                "GET", $"{path}?limit=2{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}")).Json;
            Assert.That((int)part["results_total"]!, Is.EqualTo(total));
            subjects.AddRange(part["results"]!.AsArray().Select(result => (string)result!["subject"]!));
            cursor = (string?)part["next_cursor"];
        }

        var whole = (await Client.CallAsync("GET", path)).Json["results"]!
            .AsArray()
            .Select(result => (string)result!["subject"]!);
        Assert.That(subjects, Is.EqualTo(whole));
        return subjects;
    }
}
