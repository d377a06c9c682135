using System.Net;
using System.Text;
using System.Text.Json;
using Quiva.Gateway.Client;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Clients;

/// <summary>What the C# client does with what it is given and with what is answered.</summary>
public sealed class CsharpClientTests
{
    private HttpRequestMessage? sent;

    [SetUp]
    public void Forget() => sent = null;

    [TestCase("wrong", HttpStatusCode.Unauthorized)]
    [TestCase("monitor", HttpStatusCode.Forbidden)]
    public async Task A_refused_caller_learns_why(string role, HttpStatusCode status)
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        using var http = role == "monitor"
            ? await app.ClientAsync("acme", role)
            : app.Client(headers => headers.Add("X-Api-Key", role));
        var exception = (await Assert.ThrowsAsync<GatewayApiException>(() => new CollectionsClient(http)
            .CreateCollectionAsync(new() { Name = "a", CollectionType = CollectionType.Node })))!;
        Assert.That(exception.Status, Is.EqualTo(status));
        Assert.That(
            exception.Message, Is.EqualTo($"createCollection was answered {(int)status} {status}: {exception.Error}"));
        Assert.That(
            exception.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme).Contains("Bearer"),
            Is.EqualTo(status == HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task A_bad_request_and_a_conflict_are_told_in_the_gateway_s_words()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        using var http = await app.ClientAsync("acme", "developer");
        var client = new CollectionsClient(http);
        var bad = (await Assert.ThrowsAsync<GatewayApiException>(
            () => client.CreateCollectionAsync(new() { Name = "", CollectionType = CollectionType.Node })))!;
        Assert.That((bad.Status, bad.Error), Is.EqualTo((HttpStatusCode.BadRequest, "a name is required")));
        await client.CreateCollectionAsync(new() { Name = "a", CollectionType = CollectionType.Node });
        var conflict = (await Assert.ThrowsAsync<GatewayApiException>(
            () => client.CreateCollectionAsync(new() { Name = "a", CollectionType = CollectionType.Node })))!;
        Assert.That(
            (conflict.Status, conflict.Error),
            Is.EqualTo((HttpStatusCode.Conflict, "collection exists:ms.hub.config.collection.node.3826002220")));
    }

    [Test]
    public async Task A_limited_caller_learns_when_to_come_back()
    {
        await using var app = await GatewayApp.StartAsync(
            DatabaseProvider.Sqlite,
            "--RateLimit:Enabled=true",
            "--RateLimit:CallerBurst=1",
            "--RateLimit:CallerPerSecond=1");
        using var http = await app.ClientAsync("acme", "developer");
        var client = new CollectionsClient(http);
        await client.ListCollectionsAsync();
        var exception = (await Assert.ThrowsAsync<GatewayApiException>(() => client.ListCollectionsAsync()))!;
        Assert.That(
            (exception.Status, exception.RetryAfter),
            Is.EqualTo((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1))));
    }

    [Test]
    public async Task A_cancelled_call_ends_at_once()
    {
        using var cancellation = new CancellationTokenSource();
        using var http = Answering(async cancelled =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancelled);
            return null!;
        });
        await Assert.CatchAsync<OperationCanceledException>(
            () => new CollectionsClient(http).ListCollectionsAsync(cancellationToken: cancellation.Token));
    }

    [Test]
    public async Task An_enum_value_that_the_client_does_not_know_is_read_but_not_sent()
    {
        using var http = Answering(
            200, """{"subject":"s","data":{"node_type":"teleport"},"archived":false,"modified":1,"of_tomorrow":{} }""");
        var client = new NodesClient(http);
        var read = (await client.GetNodeAsync("1", "2")).Value;
        Assert.That(read.Data.NodeType, Is.EqualTo(NodeType.Unrecognized));
        sent = null;
        await Assert.ThrowsAsync<ArgumentException>(
            () => client.UpdateNodeAsync("1", "2", new() { Subject = read.Subject, Data = read.Data }));
        Assert.That(sent, Is.Null);
    }

    [TestCase("""{"subject":"s","data":{"node_type":1},"archived":false,"modified":1}""")]
    [TestCase("""{"subject":"s","data":{},"archived":false}""")]
    [TestCase("null")]
    [TestCase("<html>")]
    public async Task A_success_that_the_contract_does_not_declare_is_an_error(string body)
    {
        using var http = Answering(200, body);
        var exception =
            (await Assert.ThrowsAsync<GatewayApiException>(() => new NodesClient(http).GetNodeAsync("1", "2")))!;
        Assert.That((exception.Status, exception.Body), Is.EqualTo((HttpStatusCode.OK, body)));
        Assert.That(exception.InnerException, Is.InstanceOf<JsonException>());
    }

    [Test]
    public async Task A_page_of_a_proxy_is_kept_but_not_taken_for_the_gateway_s_words()
    {
        using var http = Answering(502, "<html>secret");
        var exception =
            (await Assert.ThrowsAsync<GatewayApiException>(() => new NodesClient(http).UpdateMultipleNodesAsync([])))!;
        Assert.That((exception.Error, exception.Body), Is.EqualTo(((string?)null, "<html>secret")));
        Assert.That(exception.ToString(), Does.Not.Contain("secret"));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    public async Task A_part_of_a_path_that_would_name_another_operation_is_refused(string id)
    {
        using var http = Answering(200, "{}");
        await Assert.ThrowsAsync<ArgumentException>(() => new OauthClient(http).DeleteIntegrationsOauthConfigAsync(id));
        Assert.That(sent, Is.Null);
    }

    [Test]
    public async Task What_is_sent_is_escaped_where_it_stands()
    {
        using var http = Answering(200, "{}");
        await new OauthClient(http).RefreshIntegrationsOauthTokenAsync("a/b", "c?d", refreshToken: "e&f=g +");
        Assert.That(
            sent!.RequestUri!.PathAndQuery,
            Is.EqualTo("/base/hub/integrations/a%2Fb/oauth-refresh-token/c%3Fd?refresh_token=e%26f%3Dg%20%2B"));
    }

    [Test]
    public async Task A_precondition_that_is_no_entity_tag_is_not_dropped_in_silence()
    {
        using var http = Answering(200, "{}");
        await Assert.ThrowsAsync<FormatException>(
            () => new OauthClient(http).DeleteIntegrationsOauthConfigAsync("a", ifMatch: "42\r\nX: y"));
        Assert.That(sent, Is.Null);
    }

    private HttpClient Answering(int status, string body) =>
        Answering(_ => Task.FromResult(new HttpResponseMessage(
            (HttpStatusCode)status)
        { Content = new StringContent(body, Encoding.UTF8, "application/json") }));

    private HttpClient Answering(Func<CancellationToken, Task<HttpResponseMessage>> answer) =>
        new(new Stub(request => sent = request, answer)) { BaseAddress = new("https://gateway.example/base/") };

    private sealed class Stub(
        Action<HttpRequestMessage> note, Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            note(request);
            return answer(cancellationToken);
        }
    }
}
