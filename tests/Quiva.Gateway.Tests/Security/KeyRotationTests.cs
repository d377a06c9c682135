using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Security;

/// <summary>What seals the key ring is replaced, and afterwards the gateway works without the old one.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class KeyRotationTests(DatabaseProvider engine)
{
    private TestDatabase database = null!;

    [SetUp]
    public void Create() => database = TestDatabase.Create(engine);

    [TearDown]
    public void Remove() => database.Dispose();

    [TestCase("master key", "master key")]
    [TestCase("master key", "certificate")]
    [TestCase("certificate", "master key")]
    [TestCase("certificate", "certificate")]
    public async Task The_old_one_is_not_needed_after_reseal(string from, string to)
    {
        var (old, previous) = Sealing(from, "old");
        var (current, _) = Sealing(to, "new");
        await PutAsync(old);
        Assert.That(
            async () => await PutAsync(current),
            Throws.InvalidOperationException.With.Message.Contains("does not open"));

        var resealed = await ServerProcess.RunAsync([
            "secrets",
            "reseal",
            "--new-key",
            .. database.Settings,
            .. current,
            .. previous
        ]);
        Assert.That(resealed.ExitCode, Is.Zero, resealed.Error);
        Assert.That(resealed.Output, Does.Contain("Sealed 1 secrets again.").And
            .Contain("Sealed 1 keys of the key ring again.").And
            .Contain("may be removed"));
        // PUT compares the stored secret with the new one, so it opens it.
        await PutAsync(current);

        var again = await ServerProcess.RunAsync(["secrets", "reseal", .. database.Settings, .. current]);
        Assert.That(again.ExitCode, Is.Zero, again.Error);
        Assert.That(
            again.Output, Does.Contain("Sealed 0 secrets again.").And.Contain("Sealed 0 keys of the key ring again."));
        Assert.That(
            async () => await PutAsync(old), Throws.InvalidOperationException.With.Message.Contains("does not open"));
    }

    private async Task PutAsync(string[] settings)
    {
        await using var app = await GatewayApp.StartAsync(database, null, settings);
        using var admin = await app.AdminAsync();
        using var put = await admin.PutConfigAsync(Configs.Body("rotated"));
        Assert.That((int)put.StatusCode, Is.EqualTo(200));
    }

    private (string[] AsCurrent, string[] AsPrevious) Sealing(string kind, string name)
    {
        if (kind == "master key")
        {
            var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
            return ([$"--Secrets:MasterKey={key}"], [$"--Secrets:PreviousMasterKeys:0={key}"]);
        }

        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=" + name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(database.Directory, name + ".pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, "password"));
        return (
            [$"--Secrets:Certificate:Path={file}", "--Secrets:Certificate:Password=password"],
            [$"--Secrets:PreviousCertificates:0:Path={file}", "--Secrets:PreviousCertificates:0:Password=password"]);
    }
}
