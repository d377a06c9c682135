using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Moq;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Oauth;
using Quiva.Gateway.Oauth.Configurations;
using Quiva.Gateway.Providers;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>
/// The catalogue as it stands in <c>providers.json</c>: what it says must be a configuration that the gateway accepts.
/// </summary>
public sealed partial class CatalogueTests
{
    private const string Callback = "https://gateway.example.com/hub/integrations/oauth-callback";

    // As the members stand in the file, before anything is made of them.
    private static readonly JsonArray File =
        JsonNode.Parse(typeof(ProviderCatalogue).Assembly.GetManifestResourceStream("providers.json")!)!.AsArray();

    public static IReadOnlyList<Provider> All { get; } = new ProviderCatalogue().All;

    public static IntegrationOauthConfig ConfigOf(Provider provider) =>
        ProviderConfigs.Create(
            provider, provider.Provider_id, provider.Default_scopes, "sample-client", "sample-secret", Callback);

    [Test]
    public void Every_member_is_one_of_the_contract()
    {
        var strict = new JsonSerializerOptions { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
        Assert.That(() => File.Deserialize<List<Provider>>(strict), Throws.Nothing);
    }

    [Test]
    public void Identifiers_and_names_are_there_and_unique()
    {
        Assert.That(All, Has.Count.EqualTo(File.Count).And.Count.GreaterThanOrEqualTo(90));
        Assert.That(
            All.Select(provider => provider.Provider_id),
            Is.Unique.And.All.Matches<string>(id => Identifier().IsMatch(id!)));
        Assert.That(
            All.Select(provider => provider.Name),
            Is.Unique.And.All.Matches<string>(name => name!.Trim() == name && name.Length is > 0 and <= 200));
        Assert.That(All.Select(provider => provider.Setup), Has.All.Not.Empty);
    }

    /// <summary>Its token address is another company's: the secret would go there.</summary>
    [Test]
    public void Payfit_is_absent() =>
        Assert.That(All.Select(provider => provider.Provider_id), Has.None.Contains("payfit"));

    [Test]
    public void Every_field_is_expressible_in_a_configuration() => Assert.That(
        FaultsOf(provider =>
        {
            var made = JsonSerializer.SerializeToNode(ConfigOf(provider))!.AsObject();
            return Members(provider)["config"]!
                .AsObject()
                .Where(field => !IsKept(made[field.Key], field.Value))
                .Select(field => field.Key);
        }),
        Is.Empty);

    [Test]
    public void Every_configuration_keeps_the_schema_and_the_rules() => Assert.That(
        FaultsOf(provider =>
        {
            var config = ConfigOf(provider);
            var faults = new List<ValidationResult>();
            Validator.TryValidateObject(config, new(config), faults, validateAllProperties: true);
            foreach (var variable in config.Variables ?? [])
            {
                Validator.TryValidateObject(variable, new(variable), faults, validateAllProperties: true);
            }

            return [.. faults.Select(fault => fault.ErrorMessage!), .. Told(() => ConfigRules.Require(config))];
        }),
        Is.Empty);

    [Test]
    public void Every_address_keeps_the_rules_of_addresses()
    {
        var resolver = Mock.Of<IHostResolver>(names => names.ResolveAsync(
            It.IsAny<string>(), It.IsAny<CancellationToken>())
            == Task.FromResult<IReadOnlyList<IPAddress>>(Array.Empty<IPAddress>()));
        var gateway = new GatewayOptions { PublicUrl = "https://gateway.example.com" };
        var rules = new EndpointRules(resolver, Options.Create(new OauthOptions()), Options.Create(gateway));
        Assert.That(
            FaultsOf(provider => Told(() => rules.CheckAsync(ConfigOf(provider), default).GetAwaiter().GetResult())),
            Is.Empty);
    }

    /// <summary>
    /// A host that a token may go to is one of the confirmed addresses', or an administrator is told to look at it
    /// first.
    /// </summary>
    [Test]
    public void Hosts_that_no_address_confirms_are_unsure() => Assert.That(
        FaultsOf(provider =>
        {
            var config = provider.Config;
            string?[] addresses = [config.Auth_url, config.Token_url, config.Refresh_url, config.Revocation_url];
            var confirmed = addresses.OfType<string>().Select(url => url.Split('/')[2].Split('?')[0]);
            // The provider's own token answer names these.
            var told = (config.Variables ?? [])
                .Where(variable => variable.In == VariablePlace.Token)
                .Select(variable => $"$({variable.Name})");
            var unsure = (provider.Unsure ?? [])
                .Where(fact => fact.StartsWith("allowed_hosts: ", StringComparison.Ordinal))
                .SelectMany(fact => fact.Split(' ', ','));
            return (config.Allowed_hosts ?? []).Except([.. confirmed, .. told, .. unsure]);
        }),
        Is.Empty);

    [Test]
    public void What_one_source_says_is_unsure() => Assert.That(
        All.Where(provider => provider.Sources < 2),
        Has.All.Matches<Provider>(provider => provider!.Unsure!.Any(fact => fact.Contains("from one source"))));

    private static JsonObject Members(Provider provider) =>
        File.Single(entry => (string)entry!["provider_id"]! == provider.Provider_id)!.AsObject();

    // What the contract gives a default may come beside what the file says.
    private static bool IsKept(JsonNode? made, JsonNode? said) => said is JsonObject members
        ? members.All(member => IsKept(made?[member.Key], member.Value))
        : said is JsonArray items ? made is JsonArray same
            && same.Count == items.Count
            && items.Zip(same).All(pair => IsKept(pair.Second, pair.First))
        : JsonNode.DeepEquals(made, said);

    private static IEnumerable<string> Told(Action act)
    {
        try
        {
            act();
            return [];
        }
        catch (GatewayException exception)
        {
            return [exception.Message];
        }
    }

    private static List<string> FaultsOf(Func<Provider, IEnumerable<string>> faults) =>
        [.. All.SelectMany(provider => faults(provider).Select(fault => $"{provider.Provider_id}: {fault}"))];

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$")]
    private static partial Regex Identifier();
}

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CataloguePutTests(DatabaseProvider engine)
{
    private static readonly JsonSerializerOptions WithoutNulls =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    [Test]
    public async Task Every_entry_is_stored_as_a_configuration()
    {
        await using var app = await GatewayApp.StartAsync(engine, "--Gateway:PublicUrl=https://gateway.example.com");
        using var admin = await app.AdminAsync();
        var faults = new List<string>();
        foreach (var provider in CatalogueTests.All)
        {
            var body = JsonSerializer.SerializeToNode(CatalogueTests.ConfigOf(provider), WithoutNulls)!;
            using var put = await admin.PutConfigAsync(body.AsObject());
            if (put.StatusCode != HttpStatusCode.OK)
            {
                faults.Add($"{provider.Provider_id}: {await put.Content.ReadAsStringAsync()}");
            }
        }

        Assert.That(faults, Is.Empty);
        Assert.That(
            await app.Database.QueryAsync<int>("select count(*) from oauth_configs"),
            Is.EqualTo(new[] { CatalogueTests.All.Count }));
    }
}
