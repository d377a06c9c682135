using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Quiva.Gateway.Data;
using Quiva.Gateway.Tests.Oauth;

namespace Quiva.Gateway.Tests.Security;

public sealed class CertificateTests
{
    [Test]
    public async Task A_certificate_seals_the_key_ring_and_opens_it_after_a_restart()
    {
        using var database = TestDatabase.Create(DatabaseProvider.Sqlite);
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=ring", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(database.Directory, "ring.pfx");
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pkcs12, "password"));
        string[] settings = [$"--Secrets:Certificate:Path={file}", "--Secrets:Certificate:Password=password"];
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await using var app = await GatewayApp.StartAsync(database, null, settings);
            using var admin = await app.AdminAsync();
            using var put = await admin.PutConfigAsync(Configs.Body("certified", app.Canary));
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(
                await app.Database.QueryAsync<string>("select xml from data_protection_keys"),
                Has.Count.EqualTo(1).And.All.Contains("EncryptedData"));
        }

        await using (var moved = await GatewayApp.StartAsync(
            database,
            null,
            $"--Secrets:PreviousCertificates:0:Path={file}",
            "--Secrets:PreviousCertificates:0:Password=password"))
        {
            using var admin = await moved.AdminAsync();
            using var put = await admin.PutConfigAsync(Configs.Body("certified", moved.Canary));
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        Assert.That(
            async () => await GatewayApp.StartAsync(database),
            Throws.InvalidOperationException.With.Message.Contains("does not open with what Secrets configures"));
    }
}
