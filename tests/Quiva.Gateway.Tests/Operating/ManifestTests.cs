using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using YamlDotNet.RepresentationModel;

namespace Quiva.Gateway.Tests.Operating;

/// <summary>
/// What can be said of the container, compose and Kubernetes without running them: they are well-formed, agree with
/// each other, and name settings that exist. No schema of Docker or Kubernetes is consulted.
/// </summary>
public sealed class ManifestTests
{
    [Test]
    public async Task The_image_starts_the_gateway_for_one_runtime_and_not_as_root()
    {
        var image = await EvaluateAsync();
        var properties = image["Properties"]!.AsObject().Select(property => $"{property.Key}={property.Value}");
        Assert.That(
            properties,
            Is.EquivalentTo(new[]
            {
                "ContainerRepository=quiva-gateway", "ContainerBaseImage=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra", "ContainerUser=1654",
                "PublishReadyToRun=true", "SelfContained=false",
            }));
        Assert.That(
            image["Items"]!["ContainerAppCommand"]!.AsArray()
                .Select(word => (string)word!["Identity"]!), Is.EqualTo(new[] { "dotnet", "/app/Quiva.Gateway.dll" }));
        AssertSettings(image["Items"]!["ContainerEnvironmentVariable"]!.AsArray()
            .Select(variable => (string)variable!["Identity"]!)
            .Where(name => name.Contains("__", StringComparison.Ordinal)));
    }

    [Test]
    public void Compose_checks_the_gateway_by_its_own_verb_on_a_read_only_root()
    {
        var services = (YamlMappingNode)Documents("build", "compose.yaml").Single()["services"];
        var gateway = services["gateway"];
        Assert.That(
            Texts(gateway["healthcheck"]["test"]),
            Is.EqualTo(new[] { "CMD", "dotnet", "Quiva.Gateway.dll", "health" }));
        Assert.That(((string)gateway["read_only"]!, Texts(gateway["cap_drop"])), Is.EqualTo(("true", new[] { "ALL" })));
        // What depends on a service's health needs one that has a check.
        foreach (var (name, service) in Pairs(services))
        {
            foreach (var (other, condition) in HasKey(service, "depends_on") ? Pairs(service["depends_on"]) : [])
            {
                Assert.That(HasKey(services, other), $"{name} depends on {other}.");
                Assert.That(
                    (string)condition["condition"]! != "service_healthy" || HasKey(services[other], "healthcheck"),
                    $"{other} has no check.");
            }
        }

        AssertSettings(Pairs(gateway["environment"]).Select(pair => pair.Name));
    }

    [Test]
    public void Manifests_of_Kubernetes_are_whole()
    {
        var documents = Documents("build", "kubernetes", "gateway.yaml")
            .ToDictionary(document => (string)document["kind"]!);
        Assert.That(documents.Keys, Is.SupersetOf(new[] { "Secret", "Deployment", "Service", "PodDisruptionBudget" }));
        Assert.That(
            documents.Values.Select(document => (string)document["metadata"]["name"]!),
            Has.All.EqualTo("quiva-gateway"));
        var deployment = documents["Deployment"]["spec"];
        var labels = Pairs(deployment["template"]["metadata"]["labels"])
            .Select(pair => $"{pair.Name}={pair.Value}")
            .ToList();
        foreach (var selector in new[]
        {
            deployment["selector"]["matchLabels"],
            documents["Service"]["spec"]["selector"],
            documents["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
        })
        {
            Assert.That(Pairs(selector).Select(pair => $"{pair.Name}={pair.Value}"), Is.SubsetOf(labels));
        }

        var pod = deployment["template"]["spec"];
        Assert.That((string)pod["securityContext"]["runAsNonRoot"]!, Is.EqualTo("true"));
        var container = ((YamlSequenceNode)pod["containers"]).Single();
        Assert.That((string)container["securityContext"]["readOnlyRootFilesystem"]!, Is.EqualTo("true"));
        var ports = ((YamlSequenceNode)container["ports"]).Select(port => (string)port["name"]!).ToList();
        foreach (var (probe, path) in new[]
        {
            ("startupProbe", "/health/ready"),
            ("readinessProbe", "/health/ready"),
            ("livenessProbe", "/health/live")
        })
        {
            Assert.That(((string)container[probe]["httpGet"]["path"]!, ports.Contains(
                (string)container[probe]["httpGet"]["port"]!)), Is.EqualTo((path, true)));
        }

        Assert.That(
            ports, Does.Contain((string)((YamlSequenceNode)documents["Service"]["spec"]["ports"])[0]["targetPort"]!));
        var volumes = ((YamlSequenceNode)pod["volumes"]).Select(volume => (string)volume["name"]!).ToList();
        Assert.That(
            ((YamlSequenceNode)container["volumeMounts"]).Select(mount => (string)mount["name"]!),
            Is.EquivalentTo(volumes));
        AssertSettings(
        [
            .. ((YamlSequenceNode)container["env"]).Select(variable => (string)variable["name"]!),
            .. Pairs(documents["Secret"]["stringData"]).Select(pair => pair.Name),
        ]);
    }

    private static void AssertSettings(IEnumerable<string> variables)
    {
        var app = Program.Build(["--hostBuilder:reloadConfigOnChange=false", "--environment=Development"]);
        var known = app.Services.GetServices<SettingsSection>()
            .SelectMany(section => section.Keys.Select(key => $"{section.Name}__{key}"))
            .Append("ConnectionStrings__Gateway").ToHashSet();
        Assert.That(variables.Where(name => !known.Contains(name)
            && !name.StartsWith("Kestrel__", StringComparison.Ordinal)
            && !name.StartsWith("OTEL_", StringComparison.Ordinal)), Is.Empty);
    }

    // What the SDK makes of the project's settings; the image itself needs a registry.
    private static async Task<JsonNode> EvaluateAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var word in new[]
        {
            "msbuild", RepositoryFiles.PathOf(
                "src", "Quiva.Gateway"), "-p:RuntimeIdentifier=linux-x64", "-t:ComputeContainerConfig",
            "-getProperty:ContainerRepository,ContainerBaseImage,ContainerUser,PublishReadyToRun,SelfContained", "-getItem:ContainerAppCommand,ContainerEnvironmentVariable",
        })
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return JsonNode.Parse(output)!;
    }

    private static List<YamlMappingNode> Documents(params string[] path)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(RepositoryFiles.Read(path));
        stream.Load(reader);
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    private static IEnumerable<(string Name, YamlNode Value)> Pairs(YamlNode node) =>
        ((YamlMappingNode)node).Children.Select(pair => ((string)pair.Key!, pair.Value));

    private static bool HasKey(YamlNode node, string name) =>
        ((YamlMappingNode)node).Children.ContainsKey(new YamlScalarNode(name));

    private static string[] Texts(YamlNode node) => [.. ((YamlSequenceNode)node).Select(item => (string)item!)];
}
