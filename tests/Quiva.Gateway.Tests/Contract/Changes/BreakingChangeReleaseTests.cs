using Quiva.Gateway.ContractChecks;
using Quiva.Gateway.ContractChecks.Changes;

namespace Quiva.Gateway.Tests.Contract.Changes;

/// <summary>What <c>build/release-contract</c> does to a repository.</summary>
public sealed class BreakingChangeReleaseTests
{
    private string root = null!;

    [SetUp]
    public void Create()
    {
        root = Directory.CreateTempSubdirectory("release-").FullName;
        Write(ContractDocument.File, CheckedIn.Contract);
    }

    [TearDown]
    public void Remove() => Directory.Delete(root, recursive: true);

    [Test]
    public void The_first_release_keeps_the_version()
    {
        Assert.That(Release.Run(root), Is.EqualTo((0, "## 0.1.0\n\nThe first release.\n")));
        Assert.That(
            (Read(ContractDocument.File), Read(ReleaseCheck.File)),
            Is.EqualTo((CheckedIn.Contract, CheckedIn.Contract)));
    }

    [Test]
    public void Without_a_change_nothing_is_written()
    {
        Release.Run(root);
        Write(AcceptedBreaks.File, "# Kept.\n");
        Assert.That(
            Release.Run(root), Is.EqualTo((0, "Nothing has changed since 0.1.0: there is nothing to release.\n")));
        Assert.That(Read(AcceptedBreaks.File), Is.EqualTo("# Kept.\n"));
    }

    [Test]
    public void Only_the_line_of_the_version_is_edited()
    {
        Release.Run(root);
        var text = CheckedIn.Edit(
            CheckedIn.Contract, "\n        client_id:", "maxLength: 1000", "maxLength: 1001 # Longer ones exist.");
        Write(ContractDocument.File, text);
        Assert.That(Release.Run(root), Is.EqualTo((0,
            "## 0.1.1\n\n### Additions\n\n- **`PUT /hub/integrations/{integration_id}/oauth-config request body.client_id`**: maxLength is 1001 instead of 1000.\n")));
        var expected = CheckedIn.Edit(text, "", "  version: 0.1.0\n", "  version: 0.1.1\n");
        Assert.That((Read(ContractDocument.File), Read(ReleaseCheck.File)), Is.EqualTo((expected, expected)));
    }

    [Test]
    public void The_clients_get_the_contract_s_version()
    {
        string[] packages =
        [
            "src/Quiva.Gateway.Client/Quiva.Gateway.Client.csproj",
            "src/quiva-gateway-client/package.json",
            "src/quiva-gateway-client/package-lock.json",
            "tests/Quiva.Gateway.Tests/packages.lock.json",
        ];
        foreach (var package in packages)
        {
            Write(package, CheckedIn.Text(package));
        }

        Write(
            ContractDocument.File, CheckedIn.Edit(CheckedIn.Contract, "", "  version: 0.1.0\n", "  version: 7.8.9\n"));
        Release.Run(root);
        Assert.That(
            packages.Select(package => Read(package).Split("7.8.9").Length - 1), Is.EqualTo(new[] { 1, 1, 2, 1 }));
        Assert.That(
            packages.Select(package => Read(package).Split('\n').Length),
            Is.EqualTo(packages.Select(package => CheckedIn.Text(package).Split('\n').Length)));
    }

    [Test]
    public void A_break_has_to_be_accepted_first_and_is_forgotten_then()
    {
        Release.Run(root);
        Write(
            ContractDocument.File,
            CheckedIn.Edit(CheckedIn.Contract, "\n        client_id:", "maxLength: 1000", "maxLength: 999"));
        var refused = Release.Run(root);
        Assert.That((refused.ExitCode, Read(ReleaseCheck.File)), Is.EqualTo((1, CheckedIn.Contract)));

        var entry = refused.Text.Split('\n')[0]
            .Split("with the entry ")[1]
            .Replace("…", "Nobody has them.", StringComparison.Ordinal);
        Write(AcceptedBreaks.File, $"# Breaks.\n\n{entry}\n");
        var done = Release.Run(root);
        Assert.That((done.ExitCode, Read(AcceptedBreaks.File)), Is.EqualTo((0, "# Breaks.\n[]\n")));
        Assert.That(done.Text, Does.StartWith("## 0.2.0\n\n### Breaking\n"));
    }

    [Test]
    public void A_version_that_was_raised_further_by_hand_stays()
    {
        Release.Run(root);
        Write(
            ContractDocument.File, CheckedIn.Edit(CheckedIn.Contract, "", "  version: 0.1.0\n", "  version: 1.0.0\n"));
        Assert.That(Release.Run(root), Is.EqualTo((0, "## 1.0.0\n\nNothing changes for callers.\n")));
    }

    [TestCase("1.2.3", Level.Breaking, "2.0.0")]
    [TestCase("1.2.3", Level.Warning, "1.3.0")]
    [TestCase("1.2.3", Level.Info, "1.3.0")]
    [TestCase("1.2.3", null, "1.2.4")]
    [TestCase("0.2.3", Level.Breaking, "0.3.0")]
    [TestCase("0.2.3", Level.Info, "0.2.4")]
    [TestCase("0.2.3", null, "0.2.4")]
    public void A_version_grows_by_the_size_of_the_change(string version, Level? level, string expected)
    {
        Change[] changes = level is { } found ? [new(new("rule", found, ""), "", "", "", 1, [])] : [];
        Assert.That(SemanticVersion.Parse(version)!.Next(changes).ToString(), Is.EqualTo(expected));
    }

    [Test]
    public void Versions_have_the_order_of_SemVer()
    {
        string[] ordered =
        [
            "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0"
        ];
        var versions = ordered.Select(text => SemanticVersion.Parse(text)!).ToArray();
        foreach (var (one, at) in versions.Select((version, index) => (version, index)))
        {
            Assert.That(
                versions.Select(other => Math.Sign(one.CompareTo(other))),
                Is.EqualTo(Enumerable.Range(0, versions.Length).Select(index => Math.Sign(at.CompareTo(index)))),
                one.ToString());
        }
    }

    [TestCase("1.0")]
    [TestCase("01.0.0")]
    [TestCase("v1.0.0")]
    [TestCase("")]
    public void What_is_no_version_is_not_taken_for_one(string text) =>
        Assert.That(SemanticVersion.Parse(text), Is.Null);

    private string Read(string file) => File.ReadAllText(Path.Combine(root, file));

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
        File.WriteAllText(Path.Combine(root, file), text);
    }
}
