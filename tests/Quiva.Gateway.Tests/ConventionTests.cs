using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Routing;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Tests;

/// <summary>Rules of the design that the compiler can't hold.</summary>
public sealed class ConventionTests
{
    private static readonly string Root = Up(AppContext.BaseDirectory, "Quiva.Gateway.sln");

    private static IEnumerable<string> Sources() => Directory.EnumerateFiles(
        Path.Combine(Root, "src", "Quiva.Gateway"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")
            && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}"));

    [Test]
    public void Only_the_data_layer_opens_connections() => Assert.That(
        Sources()
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Data{Path.DirectorySeparatorChar}")
                && Regex.IsMatch(
                    File.ReadAllText(file), @"\b(SqlConnection|SqliteConnection|DbConnection|using Dapper)\b")),
        Is.Empty);

    [Test]
    public void Every_action_overrides_one_of_the_contract()
    {
        var actions = typeof(Program).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ControllerBase)) && !type.IsAbstract)
            .SelectMany(
                type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly));
        Assert.That(actions, Is.Not.Empty.And.All.Matches<MethodInfo>(
            action => action!.GetBaseDefinition().DeclaringType!.Namespace == "Quiva.Gateway.Contract"));
        Assert.That(
            actions.SelectMany(action => action.GetCustomAttributes<HttpMethodAttribute>(inherit: false)),
            Is.Empty,
            "Routes are the contract's.");
    }

    [Test]
    public void Every_controller_has_the_contract_s_parent() => Assert.That(
        typeof(Program).Assembly
            .GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ControllerBase)) && type != typeof(ContractController)),
        Has.All.Matches<Type>(type => type!.IsSubclassOf(typeof(ContractController))));

    [Test]
    public void A_source_file_is_one_idea() => Assert.That(
        Sources().Where(file => File.ReadLines(file).Count() > 300).Select(Path.GetFileName),
        Is.Empty);

    [Test]
    public void No_log_line_takes_an_object_of_the_contract() => Assert.That(
        typeof(Program).Assembly.GetTypes()
            .SelectMany(
                type => type.GetMethods(
                    BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(
                method => method.GetCustomAttribute<Microsoft.Extensions.Logging.LoggerMessageAttribute>() is not null)
            .SelectMany(method => method.GetParameters())
            .Select(parameter => parameter.ParameterType)
            .Where(type => type != typeof(string)
                && type != typeof(Microsoft.Extensions.Logging.ILogger)
                && !type.IsPrimitive
                && !typeof(Exception).IsAssignableFrom(type)),
        Is.Empty);

    [Test]
    public void No_regular_expression_backtracks() => Assert.That(
        new[] { typeof(Program), typeof(Gateway.Client.GatewayResponse<>) }
            .SelectMany(type => type.Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(
                BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<GeneratedRegexAttribute>())
            .OfType<GeneratedRegexAttribute>(),
        Is.Not.Empty.And.All.Matches<GeneratedRegexAttribute>(
            regex => regex!.Options.HasFlag(RegexOptions.NonBacktracking)));

    [Test]
    public void Actions_of_others_are_pinned_by_hash() => Assert.That(
        Directory.EnumerateFiles(Path.Combine(Root, ".github", "workflows"))
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("uses: ", StringComparison.Ordinal)),
        Is.Not.Empty.And.All.Match("uses: [a-z-]+/[a-z/-]+@[0-9a-f]{40} # v[0-9.]+$"));

    private static string Up(string directory, string file) =>
        File.Exists(Path.Combine(directory, file))
            ? directory
            : Up(Path.GetDirectoryName(directory) ?? throw new FileNotFoundException(file), file);
}
