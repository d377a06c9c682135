using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Security;

/// <summary>A self-signed certificate for localhost, made once in the data directory, for a gateway that was given none. Not used in Production.</summary>
internal static class LocalCertificate
{
    private const int Days = 365;

    /// <summary>The public part, for clients to trust: <c>curl --cacert</c>.</summary>
    public static string PublicPath(GatewayOptions options) => Path.Combine(options.FullDataDirectory, "localhost.crt");

    public static X509Certificate2 LoadOrCreate(GatewayOptions options, TimeProvider time)
    {
        var certificate = Load(options, time);
        var now = time.GetLocalNow().DateTime;
        if (certificate.NotAfter <= now || certificate.NotBefore > now)
        {
            File.Delete(Path.Combine(options.FullDataDirectory, "localhost.pfx"));
            certificate = Load(options, time);
        }

        // Whoever reads it, as another process starts, reads all of it.
        var (path, text) = (PublicPath(options), certificate.ExportCertificatePem());
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            var draft = path + "." + Guid.NewGuid();
            File.WriteAllText(draft, text);
            File.Move(draft, path, overwrite: true);
        }

        return certificate;
    }

    private static X509Certificate2 Load(GatewayOptions options, TimeProvider time) =>
        X509CertificateLoader.LoadPkcs12(LocalFiles.ReadOrCreate(options, "localhost.pfx", () => Create(time.GetUtcNow())), null);

    private static byte[] Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(Days));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
