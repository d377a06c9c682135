using System.Text.Json.Nodes;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>The audit trail of a connection names every field that has changed, and no other, without values.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AuditTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    [Test]
    public async Task Sign_ins_and_renewals_name_what_they_change()
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config =>
        {
            config["variables"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "shop",
                    ["in"] = "login"
                }, new JsonObject { ["name"] = "team.id", ["in"] = "token" });
            config["refresh_url"] = $"{Provider.Url}/{integration}/renew";
        });
        Say("""{"access_token":"a","refresh_token":"r","scope":"one","expires_in":3600,"team":{"id":"T1"}}""");
        await ConnectAsync(integration, "?variables[shop]=acme");
        Say("""{"access_token":"b"}""");
        await RenewAsync("r");
        Say("""{"access_token":"b","refresh_token":"s","scope":"one two","token_type":"user","expires_in":60,"team":{"id":"T2"}}""");
        await RenewAsync("r");
        Say("""{"access_token":"a\n","refresh_token":"t"}""");
        await RenewAsync("s");
        Say("""{"access_token":"c","refresh_token":"t","token_type":"user"}""");
        await ConnectAsync(integration, "?variables[shop]=other");
        using var removed = await RemoveAsync(integration);

        Assert.That(
            await App.Database.QueryAsync<string>(
                "select concat(kind, ' ', fields) from changes where subject = @subject order by sequence",
                new { subject = $"ms.integration.oauth.acme.{integration}.maria" }),
            Is.EqualTo(new[]
            {
                "created access_token,refresh_token,token_type,expiry,scopes,variables[shop],variables[team.id]",
                "refreshed access_token,expiry",
                "refreshed refresh_token,token_type,expiry,scopes,variables[team.id]",
                "updated refresh_token",
                "updated access_token,expiry,scopes,variables[shop],variables[team.id]",
                "deleted ",
            }));

        void Say(string body) => Provider.On(integration, _ => RawProvider.Http(200, "application/json", body));

        async Task RenewAsync(string refreshToken)
        {
            using var renewed = await this.RenewAsync(integration, refreshToken);
        }
    }

    [Test]
    public async Task Names_that_are_too_many_for_an_entry_are_one()
    {
        var integration = NewIntegration();
        var names = Enumerable.Range(10, 20).Select(number => new string('n', 62) + number).ToList();
        await ConfigureAsync(integration, config => config["variables"] =
            new JsonArray([.. names.Select(name => new JsonObject { ["name"] = name, ["in"] = "token" })]));
        Provider.On(
            integration,
            _ => Wire.Json(new(
                names.Select(name => KeyValuePair.Create(name, (JsonNode?)"v")).Append(new("access_token", "a")))));
        await ConnectAsync(integration);
        Assert.That(
            await App.Database.QueryAsync<string>(
                "select fields from changes where subject = @subject", new { subject = $"ms.integration.oauth.acme.{integration}.maria" }),
            Is.EqualTo(new[] { "access_token,token_type,scopes,variables" }));
    }
}
