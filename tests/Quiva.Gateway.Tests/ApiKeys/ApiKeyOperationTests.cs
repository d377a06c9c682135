using System.Text.Json.Nodes;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;
using Quiva.Gateway.Tests.Hub;

namespace Quiva.Gateway.Tests.ApiKeys;

/// <summary>Keys that an account's own staff makes, lists and revokes.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ApiKeyOperationTests(DatabaseProvider engine)
{
    private const string Path = "/hub/api-keys";

    private GatewayApp app = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => app = await GatewayApp.StartAsync(engine);

    [OneTimeTearDown]
    public async Task StopAsync() => await app.DisposeAsync();

    [Test]
    public async Task A_key_is_shown_once_works_is_listed_and_is_revoked()
    {
        var account = NewAccount();
        using var root = await app.ClientAsync(account, "root", "developer");
        var made = await CreateAsync(root, "developer");
        Assert.That(made.Status, Is.EqualTo(201), made.Text);
        var (id, key) = ((string)made.Json["id"]!, (string)made.Json["key"]!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(key, Does.StartWith(ApiKeyStore.Prefix));
            Assert.That(made.Location, Is.EqualTo($"{Path}/{id}"));
            Assert.That((long)made.Json["expires"]! - (long)made.Json["created"]!, Is.EqualTo(90 * 24 * 3600));
        }

        using var maker = app.Client(headers => headers.Add(ApiKeyHandler.HeaderName, key));
        Assert.That((await maker.CreateCollectionAsync("by the key", "node")).Status, Is.EqualTo(201));
        var list = await root.CallAsync("GET", Path);
        var listed = list.Json["results"]!.AsArray().Single(item => (string)item!["id"]! == id)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(list.Text, Does.Not.Contain(key));
            Assert.That(listed["roles"]!.ToJsonString(), Is.EqualTo("[\"developer\"]"));
            Assert.That((string)listed["name"]!, Is.EqualTo("Nightly import"));
            Assert.That((int)list.Json["results_total"]!, Is.EqualTo(2));
        }

        Assert.That((await root.CallAsync("DELETE", $"{Path}/{id}")).Status, Is.EqualTo(200));
        Assert.That((await maker.CallAsync("GET", "/hub/collections")).Status, Is.EqualTo(401));
        Assert.That((await root.CallAsync("DELETE", $"{Path}/{id}")).Status, Is.EqualTo(404));
        Assert.That((await root.CallAsync("GET", Path)).Text, Does.Not.Contain(id));
        var changes = await app.Database.QueryAsync<string>(
            "select concat(kind, ' ', fields, ' ', substring(actor, 1, 4)) from changes where account = @account and subject = @subject order by sequence",
            new { account, subject = "gateway.api-key." + id });
        Assert.That(changes, Is.EqualTo(new[] { "created roles,name,expires_at key:", "revoked revoked_at key:" }));
    }

    [TestCase("quiva-admin")]
    [TestCase("billing")]
    [TestCase("developer,billing")]
    public async Task A_key_has_no_role_that_its_maker_lacks_and_never_that_of_the_platform(string roles)
    {
        using var root = await app.ClientAsync(NewAccount(), "root", "developer", "quiva-admin");
        var refused = await CreateAsync(root, roles.Split(','));
        Assert.That(
            (refused.Status, refused.Error),
            Is.EqualTo((403, "A key can have only roles that its maker has, and never quiva-admin.")));
    }

    [TestCase("""{"name":"a","roles":["root"]}""", "expires_in_days is required.")]
    [TestCase("""{"name":"a","roles":["root"],"expires_in_days":366}""", "expires_in_days must be from 1 to 365.")]
    [TestCase("""{"name":"a","roles":[],"expires_in_days":1}""", "roles must have at least 1 items.")]
    [TestCase("""{"name":"a","roles":["boss"],"expires_in_days":1}""", "roles must be ")]
    [TestCase(
        """{"name":"\u200b","roles":["root"],"expires_in_days":1}""", "name must be text with a visible character")]
    public async Task What_breaks_the_contract_is_refused(string body, string sentence)
    {
        using var root = await app.ClientAsync(NewAccount(), "root");
        var refused = await root.CallAsync("POST", Path, body);
        Assert.That(refused.Status, Is.EqualTo(400));
        Assert.That(refused.Error, Does.StartWith(sentence));
    }

    [Test]
    public async Task Another_account_s_keys_are_absent()
    {
        using var mine = await app.ClientAsync(NewAccount(), "admin");
        using var theirs = await app.ClientAsync(NewAccount(), "admin");
        var id = (string)(await CreateAsync(mine, "admin")).Json["id"]!;
        Assert.That((await theirs.CallAsync("DELETE", $"{Path}/{id}")).Status, Is.EqualTo(404));
        Assert.That((await theirs.CallAsync("GET", Path)).Text, Does.Not.Contain(id));
        Assert.That((await mine.CallAsync("DELETE", $"{Path}/{id}")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Another_instance_refuses_a_revoked_key_within_two_seconds()
    {
        await using var other = await GatewayApp.StartAsync(app.TestDatabase);
        using var root = await app.ClientAsync(NewAccount(), "root");
        var made = await CreateAsync(root, "root");
        using var elsewhere = other.Client(headers => headers.Add(ApiKeyHandler.HeaderName, (string)made.Json["key"]!));
        Assert.That((await elsewhere.CallAsync("GET", Path)).Status, Is.EqualTo(200));
        await root.CallAsync("DELETE", $"{Path}/{(string)made.Json["id"]!}");
        await Task.Delay(TimeSpan.FromSeconds(new ApiKeyOptions().CacheSeconds + 0.1));
        Assert.That((await elsewhere.CallAsync("GET", Path)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task A_list_comes_in_parts()
    {
        using var root = await app.ClientAsync(NewAccount(), "root");
        await CreateAsync(root, "root");
        await CreateAsync(root, "root");
        var first = await root.CallAsync("GET", Path + "?limit=2");
        var second = await root.CallAsync("GET", $"{Path}?limit=2&cursor={(string)first.Json["next_cursor"]!}");
        var ids = new[] { first, second }
            .SelectMany(part => part.Json["results"]!.AsArray())
            .Select(item => (string)item!["id"]!)
            .ToList();
        Assert.That(ids, Has.Count.EqualTo(3).And.Unique.And.Ordered);
        Assert.That(second.Json["next_cursor"], Is.Null);
    }

    [Test]
    public async Task An_account_has_so_many_keys_at_most()
    {
        await using var small = await GatewayApp.StartAsync(app.TestDatabase, null, "--Quotas:ApiKeys=2");
        using var root = await small.ClientAsync(NewAccount(), "root");
        Assert.That((await CreateAsync(root, "root")).Status, Is.EqualTo(201));
        var refused = await CreateAsync(root, "root");
        Assert.That((refused.Status, refused.Error), Is.EqualTo((409, "The account's quota is used up: 2 API keys.")));
    }

    private static string NewAccount() => "a" + Guid.NewGuid().ToString("n");

    private static Task<Reply> CreateAsync(
        HttpClient client, params string[] roles) => client.CallAsync("POST", Path, new JsonObject
        {
            ["name"] = "Nightly import",
            ["roles"] = new JsonArray([.. roles.Select(role => JsonValue.Create(role))]),
            ["expires_in_days"] = 90,
        }.ToJsonString());
}
