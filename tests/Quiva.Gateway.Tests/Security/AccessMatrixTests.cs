using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using NSwag;
using Quiva.Gateway.Data;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Tests.Security;

/// <summary>
/// Every operation of the contract, as the contract has it, with every kind of credential and every role: 401 without
/// good credentials, 403 without a role that <c>x-roles</c> lists, and otherwise neither. A new operation is in it
/// without a line here.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AccessMatrixTests(DatabaseProvider engine)
{
    private static readonly string[] Roles = [.. OneOfAttribute.TextsOf(typeof(Quiva.Gateway.Contract.Role))];

    /// <summary>The operations of the contract.</summary>
    internal static readonly IReadOnlyList<Operation> Operations = Read();

    private GatewayApp app = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => app = await GatewayApp.StartAsync(engine, "--Oauth:SweepIntervalSeconds=0");

    [OneTimeTearDown]
    public async Task StopAsync() => await app.DisposeAsync();

    private static IEnumerable<TestCaseData> Refused()
    {
        TestCaseData Case(string name, Func<GatewayApp, Task<(string? Key, string? Token)>> make) =>
            new TestCaseData(make).SetArgDisplayNames(name);
        yield return Case("nothing", _ => Task.FromResult<(string?, string?)>((null, null)));
        yield return Case(
            "an unknown key",
            _ => Task.FromResult<(string?, string?)>((ApiKeyStore.Prefix + new string('A', 43), null)));
        yield return Case(
            "an expired key", async app => (await app.KeyAsync("acme", Roles, TimeSpan.FromSeconds(-1)), null));
        yield return Case("a revoked key", async app =>
        {
            var keys = app.Services.GetRequiredService<ApiKeyStore>();
            var (id, key) = await keys.CreateAsync("acme", Roles, "revoked", null, default);
            await keys.RevokeAsync(id, default);
            return (key, null);
        });
        yield return Case("an expired token", _ => Task.FromResult<(string?, string?)>(
            (null, Tokens.Make(roles: Roles, expiresIn: TimeSpan.FromMinutes(-2)))));
        yield return Case(
            "a key and a token", async app => (await app.KeyAsync("acme", Roles), Tokens.Make(roles: Roles)));
    }

    [TestCaseSource(nameof(Refused))]
    public async Task Bad_credentials_open_nothing(Func<GatewayApp, Task<(string? Key, string? Token)>> make)
    {
        var (key, token) = await make(app);
        using var client = Client(key, token);
        foreach (var operation in Operations)
        {
            var status = await CallAsync(client, operation);
            Assert.That(
                status == HttpStatusCode.Unauthorized, Is.EqualTo(operation.IsSecured), $"{operation.Id}: {status}");
        }
    }

    private static IEnumerable<string?> EachRole() => Roles.Append(null);

    [Test]
    public async Task A_role_opens_what_lists_it_and_nothing_else(
        [ValueSource(nameof(EachRole))] string? role, [Values] bool byKey)
    {
        string[] roles = role is null ? [] : [role];
        using var client = byKey
            ? Client(await app.KeyAsync("acme", roles), null)
            : Client(null, Tokens.Make(account: "acme", roles: roles));
        foreach (var operation in Operations)
        {
            var isListed = operation.Roles.Count == 0 || operation.Roles.Contains(role);
            var status = await CallAsync(client, operation);
            Assert.That(status, isListed ? Is.Not.EqualTo(HttpStatusCode.Forbidden).And.Not
                .EqualTo(HttpStatusCode.Unauthorized) : Is.EqualTo(HttpStatusCode.Forbidden), operation.Id);
        }
    }

    [Test]
    public void What_returns_or_removes_tokens_asks_for_a_role() => Assert.That(
        Operations.Where(operation => Regex.IsMatch(operation.Path, "/oauth-(token|refresh-token|login|connections)/"))
            .Select(operation => (operation.Id, string.Join(',', operation.Roles))),
        Is.EquivalentTo(new[]
        {
            ("getIntegrationsOauthLogin", "root,admin,developer,client"),
            ("getIntegrationsOauthConnection", "root,admin,developer,client"),
            ("finishIntegrationsOauthLogin", "root,admin,developer,client"),
            ("refreshIntegrationsOauthToken", "root,admin,developer,client"),
            ("renewIntegrationsOauthToken", "root,admin,developer,client"),
            ("deleteIntegrationsOauthConnection", "root,admin,developer,client"),
        }));

    private HttpClient Client(string? key, string? token) => app.Client(headers =>
    {
        if (key is not null)
        {
            headers.Add(ApiKeyHandler.HeaderName, key);
        }

        headers.Authorization = token is null ? null : new("Bearer", token);
    });

    // What is asked for exists nowhere and is often malformed: whether the caller may ask is decided before.
    private static async Task<HttpStatusCode> CallAsync(HttpClient client, Operation operation)
    {
        using var request = new HttpRequestMessage(
            new(operation.Method.ToUpperInvariant()), Regex.Replace(operation.Path, @"\{\w+\}", "0"));
        request.Content = operation.HasBody ? new StringContent("{", Encoding.UTF8, "application/json") : null;
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static List<Operation> Read()
    {
        var document = OpenApiYamlDocument.FromYamlAsync(Encoding.UTF8.GetString(ServedContract.Bytes))
            .GetAwaiter()
            .GetResult();
        return
        [
            .. from path in document.Paths
               from entry in path.Value
               let operation = entry.Value
               select new Operation(
                   operation.OperationId,
                   entry.Key,
                   path.Key,
                   (operation.Security ?? document.Security).Count > 0,
                   operation.RequestBody is not null,
                   operation.ExtensionData?.TryGetValue("x-roles", out var roles) == true
                       ? [.. ((IEnumerable<object>)roles!).Select(role => role.ToString())]
                       : []),
        ];
    }

    internal sealed record Operation(
        string Id, string Method, string Path, bool IsSecured, bool HasBody, IReadOnlyList<string?> Roles);
}
