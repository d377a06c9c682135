using System.Net.Http.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Providers;

/// <summary>Each behaviour of <see cref="Behaviours"/> through the whole circle of a connection.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
[Parallelizable(ParallelScope.Children)]
public sealed class CircleTests(DatabaseProvider engine) : ProviderFixture(engine)
{
    protected override int TimeoutSeconds => 10;

    private static IEnumerable<TestCaseData> Rows() =>
        Behaviours.All.Select(row => new TestCaseData(row).SetArgDisplayNames(row.Name));

    [Test]
    public void There_are_120_behaviours_at_least_each_by_a_name_of_its_own() =>
        Assert.That(Behaviours.All.Select(row => row.Name).ToList(), Is.Unique.And.Count.GreaterThanOrEqualTo(120));

    [TestCaseSource(nameof(Rows))]
    public async Task Completes_the_circle(Behaviour row)
    {
        var integration = NewIntegration();
        await ConfigureAsync(integration, config => row.Configure(config, $"{Provider.Url}/{integration}"));
        Provider.On(
            integration,
            (request, stream, cancellationToken) => AnswerAsync(integration, row, request, stream, cancellationToken));

        var authorization = await LoginAsync(integration, row.Login);
        using var stored = await CallBackAsync(authorization, row.Redirect);
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
        AssertIs(row, await ReadAsync(integration), "access-1", "refresh-1");

        if (row.FirstRenewal is { } failure)
        {
            using var failed = await RenewAsync(integration, "refresh-1");
            Assert.That(((int)failed.StatusCode, await failed.ErrorAsync()), Is.EqualTo(failure));
            AssertIs(row, await ReadAsync(integration), "access-1", "refresh-1");
        }

        using var renewed = await RenewAsync(integration, "refresh-1");
        Assert.That((int)renewed.StatusCode, Is.EqualTo(200), await renewed.Content.ReadAsStringAsync());
        AssertIs(row, (await renewed.Content.ReadFromJsonAsync<OauthConnection>())!, "access-2", row.Renewed);
        AssertIs(row, await ReadAsync(integration), "access-2", row.Renewed);

        using var removed = await RemoveAsync(integration);
        Assert.That((int)removed.StatusCode, Is.EqualTo(200));
        var requests = Provider.RequestsOf(integration);
        Assert.That(
            requests.Select(request => request["grant_type"] ?? request["token"]),
            Is.EqualTo((string[])
            [
                .. Enumerable.Repeat("authorization_code", row.Requests.Exchange),
                .. Enumerable.Repeat("refresh_token", row.Requests.Renewal),
                .. row.Revokes ? [row.Renewed, "access-2"] : Array.Empty<string>(),
            ]));
        row.See(authorization, requests);
    }

    private async Task AnswerAsync(
        string integration, Behaviour row, RawRequest request, Stream stream, CancellationToken cancellationToken)
    {
        var kind = request["grant_type"];
        var attempt = Provider.RequestsOf(integration).Count(before => before["grant_type"] == kind);
        var said = kind is null
            ? row.SayOfRevocation
            : row.Say(new(request, attempt, Tokens(kind == "authorization_code" ? 1 : 2)));
        if (!row.Drips)
        {
            await stream.WriteAsync(said, cancellationToken);
            return;
        }

        foreach (var part in said)
        {
            stream.WriteByte(part);
            await stream.FlushAsync(cancellationToken);
        }
    }

    private static void AssertIs(Behaviour row, OauthConnection read, string accessToken, string refreshToken)
    {
        Assert.That(
            (read.Access_token, read.Refresh_token, read.Token_type),
            Is.EqualTo((accessToken, refreshToken, row.TokenType)));
        Assert.That(read.Scopes, Is.EqualTo(row.Scopes));
        Assert.That(read.Expires_in, row.Lifetime is { } seconds ? Is.InRange(seconds - 60, seconds) : Is.Null);
    }
}
