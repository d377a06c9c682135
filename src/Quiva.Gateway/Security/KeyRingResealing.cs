using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Security;

/// <summary>
/// Seals the keys of the ring again under the current certificate or master key, so that the previous one is not needed
/// any more. The keys themselves stay as they are: what they have sealed opens as before.
/// </summary>
internal sealed class KeyRingResealing(
    KeyRingStore ring, MasterKeys masterKeys, IOptions<SecretsOptions> secrets, IOptions<KeyManagementOptions> options, IServiceProvider services)
{
    private const string Sealed = "encryptedSecret", TypeOfDecryptor = "decryptorType";

    /// <summary>
    /// Seals again what the current certificate or master key has not sealed. May be stopped and started again.
    /// </summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; what is done stays done.</param>
    public async Task<Resealing> RunAsync(
        Caller actor, CancellationToken cancellationToken) => await Resealing.ForEachAsync(
        new StoredKey(),
        async after => await ring.ListAfterAsync(after.Name, cancellationToken),
        row => KeyRingStore.SubjectOf(row.Name),
        row => ResealAsync(row, actor, cancellationToken));

    private async Task<bool> ResealAsync(StoredKey row, Caller actor, CancellationToken cancellationToken)
    {
        var element = XElement.Parse(row.Xml);
        var outdated = element.Descendants().Where(part => part.Name.LocalName == Sealed && !IsCurrent(part)).ToList();
        if (outdated.Count == 0)
        {
            return false;
        }

        foreach (var part in outdated)
        {
            var again = options.Value.XmlEncryptor!.Encrypt(DecryptorOf(part).Decrypt(part.Elements().Single()));
            part.SetAttributeValue(TypeOfDecryptor, again.DecryptorType.AssemblyQualifiedName);
            part.ReplaceNodes(again.EncryptedElement);
        }

        await ring.ReplaceAsync(row.Name, element, actor, cancellationToken);
        return true;
    }

    private bool IsCurrent(XElement part)
    {
        if (secrets.Value.Certificate is not { } file)
        {
            return (string?)part.Elements()
                .Single()
                .Attribute(MasterKeyXmlEncryptor.KeyAttribute) == MasterKeys.IdOf(masterKeys.All[0]);
        }

        using var certificate = file.Load();
        return part.Descendants().Any(child =>
            child.Name.LocalName == "X509Certificate" && child.Value == Convert.ToBase64String(certificate.RawData));
    }

    // Only these two ever seal: no type is made because the database names it.
    private IXmlDecryptor DecryptorOf(XElement part) => ((string?)part.Attribute(TypeOfDecryptor))?.Split(',')[0] switch
    {
        var name when name == typeof(MasterKeyXmlDecryptor).FullName => new MasterKeyXmlDecryptor(services),
        var name when name == typeof(EncryptedXmlDecryptor).FullName => new EncryptedXmlDecryptor(services),
        _ => throw new CryptographicException("A key of the ring is sealed in a way that the gateway does not know."),
    };
}
