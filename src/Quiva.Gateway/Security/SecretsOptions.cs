using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Quiva.Gateway.Security;

/// <summary>A PKCS#12 file with an RSA certificate and its private key.</summary>
public sealed class CertificateFile
{
    /// <summary>Where the file is.</summary>
    public string Path { get; set; } = "";

    /// <summary>Its password.</summary>
    public string? Password { get; set; }

    internal string? Fault
    {
        get
        {
            try
            {
                using var certificate = Load();
                using var key = certificate.GetRSAPrivateKey();
                return key is null ? "Secrets: a certificate needs an RSA private key." : null;
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException
                or ArgumentException)
            {
                return $"Secrets: the certificate '{Path}' can't be read: {exception.Message}";
            }
        }
    }

    internal X509Certificate2 Load() => X509CertificateLoader.LoadPkcs12FromFile(Path, Password);
}

/// <summary>
/// Section <c>Secrets</c>: what seals the key ring that seals the secrets. Production needs a certificate or a master
/// key.
/// </summary>
public sealed class SecretsOptions : IValidatableObject
{
    /// <summary>The RSA certificate that seals.</summary>
    public CertificateFile? Certificate { get; set; }

    /// <summary>Certificates of the past, which still open what they have sealed.</summary>
    public CertificateFile[] PreviousCertificates { get; set; } = [];

    /// <summary>32 random bytes in Base64, such as <c>openssl rand -base64 32</c> makes.</summary>
    public string? MasterKey { get; set; }

    /// <summary>Master keys of the past, which still open what they have sealed.</summary>
    public string[] PreviousMasterKeys { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Certificate is not null && MasterKey is not null)
        {
            yield return new("Secrets:Certificate and Secrets:MasterKey exclude each other.");
        }

        foreach (var fault in PreviousCertificates.Prepend(Certificate)
            .OfType<CertificateFile>()
            .Select(file => file.Fault)
            .OfType<string>())
        {
            yield return new(fault);
        }

        if ((MasterKey is not null && !MasterKeys.IsKey(MasterKey)) || !PreviousMasterKeys.All(MasterKeys.IsKey))
        {
            yield return new("Secrets:MasterKey and Secrets:PreviousMasterKeys must be 32 bytes in Base64 each.");
        }
    }
}
