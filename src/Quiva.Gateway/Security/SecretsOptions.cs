using System.ComponentModel.DataAnnotations;

namespace Quiva.Gateway.Security;

/// <summary>Section <c>Secrets</c>: what seals the key ring that seals the secrets. Production needs a certificate or a master key.</summary>
public sealed class SecretsOptions : IValidatableObject
{
    /// <summary>A PKCS#12 file with an RSA certificate and its private key.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>The password of that file.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>32 random bytes in Base64, such as <c>openssl rand -base64 32</c> makes.</summary>
    public string? MasterKey { get; set; }

    /// <summary>Master keys of the past, which still open what they have sealed.</summary>
    public string[] PreviousMasterKeys { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertificatePath is not null && MasterKey is not null)
        {
            yield return new("Secrets:CertificatePath and Secrets:MasterKey exclude each other.");
        }

        if (CertificatePath is not null && !File.Exists(CertificatePath))
        {
            yield return new("Secrets:CertificatePath: there is no such file.");
        }

        if ((MasterKey is not null && !MasterKeys.IsKey(MasterKey)) || !PreviousMasterKeys.All(MasterKeys.IsKey))
        {
            yield return new("Secrets:MasterKey and Secrets:PreviousMasterKeys must be 32 bytes in Base64 each.");
        }
    }
}
