using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Client;
using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Contract;

namespace Quiva.Gateway.Tests.Clients;

/// <summary>What users of the clients get to read and to install.</summary>
public sealed class PackageTests
{
    private const string Project = "src/Quiva.Gateway.Client";

    [Test]
    public async Task The_snippet_of_the_README_does_what_it_says()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        var key = await app.KeyAsync("acme", ["developer"]);
        var services = new ServiceCollection();
        services.AddQuivaGatewayClient(options => (options.BaseAddress, options.ApiKey) = (app.Address, key))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => app.IsOwn(presented) }
            });
        await using var provider = services.BuildServiceProvider();
        var collections = provider.GetRequiredService<ICollectionsClient>();
        var names = new StringWriter();
        await SnippetAsync(collections, names);
        Assert.That(names.ToString().ReplaceLineEndings("\n"), Is.EqualTo("Billing Steps\n"));
        Assert.That(
            (await collections.ListCollectionsAsync()).Value.Results.Single().Description, Is.EqualTo("Invoicing"));
    }

    private static async Task SnippetAsync(ICollectionsClient collections, TextWriter Console)
    {
        // README
        var created = await collections.CreateCollectionAsync(new()
        {
            Name = "Billing Steps",
            CollectionType = CollectionType.Node
        });
        try
        {
            await collections.UpdateFlowOrNodeCollectionAsync(
                CollectionType.Node, created.Value.Topic, new()
                {
                    Subject = created.Value.Subject,
                    Description = "Invoicing"
                }, ifMatch: created.ETag);
        }
        catch (GatewayApiException exception) when (exception.Status == HttpStatusCode.PreconditionFailed)
        {
            Console.WriteLine($"Someone else was faster: {exception.Error}");
        }

        string? cursor = null;
        do
        {
            var page = (await collections.ListCollectionsAsync(limit: 50, cursor: cursor)).Value;
            page.Results.ToList().ForEach(collection => Console.WriteLine(collection.Name));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        // README
    }

    private static void Register(IServiceCollection services, string apiKey)
    {
        // README
        services.AddQuivaGatewayClient(options =>
        {
            options.BaseAddress = new Uri("https://localhost:7443");
            options.ApiKey = apiKey;
        });
        // README
    }

    [Test]
    public void The_snippets_of_the_README_are_the_ones_that_are_compiled()
    {
        Register(new ServiceCollection(), "a");
        var compiled = CheckedIn.Text("tests/Quiva.Gateway.Tests/Clients/PackageTests.cs")
            .Split("        // README\n")
            .Where((_, index) => index % 2 == 1);
        Assert.That(
            Snippets($"{Project}/README.md", "csharp"),
            Is.EquivalentTo(compiled.Select(code => code.Replace("\n        ", "\n", StringComparison.Ordinal)[8..])));

        var typescript = CheckedIn.Text("src/quiva-gateway-client/test/snippet.ts");
        var shown = Snippets("src/quiva-gateway-client/README.md", "ts").Single();
        Assert.That(
            typescript[typescript.IndexOf("const gateway", StringComparison.Ordinal)..],
            Is.EqualTo(shown[shown.IndexOf("const gateway", StringComparison.Ordinal)..]));
    }

    [Test]
    public async Task The_package_has_its_README_its_documentation_its_symbols_and_the_contract_s_version()
    {
        var output = Directory.CreateTempSubdirectory("package-").FullName;
        try
        {
            using var pack = Process.Start(new ProcessStartInfo("dotnet", [
                "pack", Path.Combine(CheckedIn.Root, Project), "--no-build", "-c", Configuration, "-o", output
            ])
            { RedirectStandardOutput = true })!;
            var log = await pack.StandardOutput.ReadToEndAsync();
            await pack.WaitForExitAsync();
            Assert.That(pack.ExitCode, Is.Zero, log);
            var version = new ContractDocument(CheckedIn.Text(ContractDocument.File)).Root["info"]!["version"]!.Text;
            Assert.That(Entries("nupkg"), Is.SupersetOf(
                new[] { "README.md", "lib/net10.0/Quiva.Gateway.Client.dll", "lib/net10.0/Quiva.Gateway.Client.xml" }));
            Assert.That(Entries("snupkg"), Does.Contain("lib/net10.0/Quiva.Gateway.Client.pdb"));

            List<string> Entries(string extension)
            {
                using var package =
                    ZipFile.OpenRead(Path.Combine(output, $"Quiva.Gateway.Client.{version}.{extension}"));
                return [.. package.Entries.Select(entry => entry.FullName)];
            }
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static string Configuration { get; } =
        typeof(PackageTests).Assembly.GetCustomAttributes(
            false).OfType<System.Reflection.AssemblyConfigurationAttribute>().Single().Configuration;

    private static IEnumerable<string> Snippets(string file, string language) =>
        CheckedIn.Text(file).Split($"```{language}\n").Skip(1).Select(part => part.Split("```")[0]);
}
