using System.Text.Json;
using System.Text.Json.Nodes;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// Every provider whose facts are known, strictly by these facts, with the configuration that the catalogue has for it:
/// PUT, login, authorize, callback, read, renew, revoke. Who does not complete that circle is named here with the
/// reason.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SimulationTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    // What no configuration expresses, and the fact that says so. The catalogue leaves them out.
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["amazon-selling-partner"] = "code_parameter",
        ["amazon-selling-partner-beta"] = "code_parameter",
        ["tiktok-accounts"] = "token_path",
        ["tiktok-personal"] = "authorize_renames",
        // Its token address is another company's: the secret would go there.
        ["payfit"] = "note",
    };

    // What is asked for otherwise than the facts say. Only the renewal of Microsoft Ads is refused for it.
    private static readonly Dictionary<string, string> Otherwise = new()
    {
        // RFC 6749 requires the parameter.
        ["monday"] = "response_type is sent",
        // Parameters of renewals alone.
        ["microsoft-ads"] = "scope of the renewal",
    };

    protected override int TimeoutSeconds => 10;

    private static IEnumerable<string> Ids() => StrictProvider.All.Select(provider => provider.Id).Except(LeftOut.Keys);

    [Test]
    public void Every_entry_of_the_catalogue_is_simulated() => Assert.That(
        StrictProvider.All.Select(EntryOf).OfType<Provider>().Select(entry => entry.Provider_id).Distinct(),
        Is.EquivalentTo(CatalogueTests.All.Select(entry => entry.Provider_id)));

    [Test]
    public void Of_123_all_but_those_out_of_scope_complete_the_circle()
    {
        var first = StrictProvider.All.Where(provider => !provider.IsMore).ToList();
        Assert.That(first, Has.Count.EqualTo(123));
        Assert.That(
            first.Where(provider => EntryOf(provider) is null).Select(provider => provider.Id),
            Is.EquivalentTo(LeftOut.Keys));
        Assert.That(LeftOut, Has.All.Matches<KeyValuePair<string, string>>(
            reason => first.Single(provider => provider.Id == reason.Key).Has(reason.Value)));
        Assert.That(
            first.Where(provider => !provider.Renews).Select(provider => provider.Id),
            Is.EqualTo(new[] { "facebook" }),
            "A further exchange.");
    }

    [TestCaseSource(nameof(Ids))]
    public async Task Completes_the_circle(string id)
    {
        var strict = new StrictProvider(StrictProvider.All.Single(provider => provider.Id == id).Facts);
        var entry = EntryOf(strict)!;
        await ConfigureAsync(id, config => Configure(config, entry, strict));
        Provider.On(id, strict.Answer);

        var variables = (entry.Config.Variables ?? []).Where(variable => variable.In == VariablePlace.Login);
        var query = string.Join(
            '&', variables.Select(variable => $"variables[{variable.Name}]={strict.ValueOf(variable.Name)}"));
        var authorization = await LoginAsync(id, query.Length == 0 ? "" : "?" + query);
        strict.Authorize(authorization);
        var redirect = string.Concat([
            "code=the-code",
            .. strict.Kept("callback").Select(name => $"&{name}={strict.ValueOf(name)}")
        ]);
        using var stored = await CallBackAsync(authorization, redirect);
        Assert.That(
            (int)stored.StatusCode,
            Is.EqualTo(200),
            await stored.Content.ReadAsStringAsync() + string.Join(", ", strict.Faults));
        var isRenewed = await RenewAsync(strict);
        var read = await ReadAsync(id);
        Assert.That(read.Access_token, Is.EqualTo(isRenewed ? "access-2" : "access-1"));
        foreach (var name in strict.Kept("callback").Concat(strict.Kept("token")))
        {
            Assert.That(read.Variables?[name], Is.EqualTo(strict.ValueOf(name)), name);
        }

        var before = Provider.RequestsOf(id).Count;
        using var removed = await RemoveAsync(id);
        Assert.That((int)removed.StatusCode, Is.EqualTo(200));
        Assert.That(
            Provider.RequestsOf(id).Skip(before).Select(request => request.Path).Distinct(),
            Is.EqualTo(strict.RevocationPath is { } path ? [path] : Array.Empty<string>()));
        Assert.That(
            strict.Faults, Is.EqualTo(Otherwise.TryGetValue(id, out var reason) ? [reason] : Array.Empty<string>()));
    }

    private async Task<bool> RenewAsync(StrictProvider strict)
    {
        using var renewed = await RenewAsync(strict.Id, "refresh-1");
        var isOutOfScope = strict.Id == "microsoft-ads";
        Assert.That(
            (int)renewed.StatusCode,
            Is.EqualTo(strict.Renews ? isOutOfScope ? 400 : 200 : 409),
            string.Join(", ", strict.Faults));
        return strict.Renews && !isOutOfScope;
    }

    private static Provider? EntryOf(StrictProvider provider) => CatalogueTests.All.SingleOrDefault(
        entry => entry.Provider_id == provider.Id)
        ?? (provider.SameServerAs is { } other ? EntryOf(StrictProvider.All.Single(one => one.Id == other)) : null);

    // The catalogue's fields, with addresses that lead to the simulation.
    private void Configure(JsonObject config, Provider entry, StrictProvider strict)
    {
        config.Remove("revocation_url");
        foreach (var (name, value) in JsonSerializer.SerializeToNode(entry.Config)!
            .AsObject()
            .Where(field => field.Value is not null))
        {
            config[name] = name.EndsWith("_url", StringComparison.Ordinal)
                ? Provider.Url + strict.PathOf((string)value!)
                : WithoutNulls(value!);
        }

        config["scopes"] = strict.HasNoScopes ? "" : "one,two";
    }

    private static JsonNode WithoutNulls(JsonNode node)
    {
        var copy = node.DeepClone();
        foreach (var item in copy is JsonArray items ? items.OfType<JsonObject>() : [])
        {
            foreach (var name in item.Where(member => member.Value is null).Select(member => member.Key).ToList())
            {
                item.Remove(name);
            }
        }

        return copy;
    }
}
