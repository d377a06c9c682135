using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Server;

namespace Quiva.Gateway.Tests.Contract;

/// <summary>Check 4: the contract stands still, the server has something else.</summary>
public sealed class ServerCheckServerTests
{
    [Test]
    public async Task An_endpoint_under_hub_that_the_contract_does_not_have_is_told()
    {
        await using var server = ServerFixture.Build();
        server.MapPost("/hub/more", () => Results.Ok());
        server.MapGet("/elsewhere", () => Results.Ok());
        Assert.That(
            Drift(server),
            Is.EqualTo(new[] { "Operation HTTP: POST /hub/more is on the server, but not in the contract." }));
    }

    [Test]
    public async Task An_action_without_authorization_is_told_even_when_MVC_does_not_describe_it()
    {
        await using var server = With<UndecidedController>();
        Assert.That(
            Drift(server),
            Is.EqualTo(
                new[]
                {
                    $"The action {typeof(UndecidedController).FullName}.Get (Quiva.Gateway.Tests) does not say who may call it."
                }));
    }

    [Test]
    public async Task A_handwritten_action_is_told_even_at_a_path_of_the_contract()
    {
        await using var server = With<SecondController>();
        Assert.That(
            Drift(server),
            Is.EqualTo(
                new[]
                {
                    $"Operation {typeof(SecondController).FullName}.Get (Quiva.Gateway.Tests) is on the server, but not in the contract."
                }));
    }

    [Test]
    public async Task An_action_that_asks_for_less_or_for_more_than_the_contract_is_told()
    {
        var contract = new ContractDocument("""
            security:
              - bearerAuth: []
            paths:
              /rules:
                get:
                  operationId: rules
                  x-roles: [admin, root]
                  responses:
                    '204': {}
            """);
        await using var server = With<RulesController>();
        var drift = ServerCheck.Find(contract, server)
            .Select(finding => finding.Drift)
            .Where(sentence => sentence.StartsWith("Operation rules", StringComparison.Ordinal));
        Assert.That(drift, Is.EqualTo(new[]
        {
            "Operation rules, security is bearerAuth in the contract and the default scheme on the server.",
            "Operation rules, x-roles is admin, root in the contract and one of admin/root, one of billing, policy grown-up on the server.",
        }));
    }

    private static IEnumerable<string> Drift(WebApplication server) =>
        ServerCheck.Find(new(CheckedIn.Contract), server).Select(finding => finding.Drift);

    private static WebApplication With<T>() => ServerFixture.Build(builder =>
        builder.Services.AddControllers()
            .ConfigureApplicationPartManager(parts => parts.ApplicationParts.Add(new OneType(typeof(T)))));

    private sealed class OneType(Type type) : ApplicationPart, IApplicationPartTypeProvider
    {
        public override string Name => type.Name;

        public IEnumerable<System.Reflection.TypeInfo> Types =>
            [System.Reflection.IntrospectionExtensions.GetTypeInfo(type)];
    }
}

/// <summary>Does not say who may call it.</summary>
[ApiExplorerSettings(IgnoreApi = true)]
public sealed class UndecidedController : ControllerBase
{
    [HttpGet("/undecided")]
    public IActionResult Get() => NoContent();
}

/// <summary>Answers requests that the contract has given to another action.</summary>
[ApiController]
[AllowAnonymous]
public sealed class SecondController : ControllerBase
{
    [HttpGet("/hub/integrations/oauth-config")]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public IActionResult Get() => NoContent();
}

/// <summary>Has rules of its own.</summary>
[ApiController]
[Authorize(Policy = "grown-up")]
[Authorize(Roles = "billing")]
public sealed class RulesController : ControllerBase
{
    [HttpGet("/rules", Name = "rules")]
    [Authorize(Roles = "root, admin")]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public IActionResult Get() => NoContent();
}
