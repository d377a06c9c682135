using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Security;

/// <summary>
/// Seals the keys of the ring again under the current certificate or master key, so that the previous one is not needed any more. The keys
/// themselves stay as they are: what they have sealed opens as before.
/// </summary>
internal sealed class KeyRingResealing(
    Database database, MasterKeys masterKeys, IOptions<SecretsOptions> secrets, IOptions<KeyManagementOptions> options, IServiceProvider services, TimeProvider time)
{
    private const string Sealed = "encryptedSecret", TypeOfDecryptor = "decryptorType";

    internal static readonly Sql ListSql = "select name, xml from data_protection_keys order by name";

    internal static readonly Sql UpdateSql = "update data_protection_keys set xml = @xml where name = @name and xml = @seen";

    /// <summary>Seals again what the current certificate or master key has not sealed. May be stopped and started again.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the work; what is done stays done.</param>
    public async Task<Resealing> RunAsync(Caller actor, CancellationToken cancellationToken) => await Resealing.ForEachAsync(
        await database.QueryAsync<Row>(ListSql, null, cancellationToken),
        row => "gateway.key-ring." + row.Name,
        row => ResealAsync(row, actor, cancellationToken));

    private async Task<bool> ResealAsync(Row row, Caller actor, CancellationToken cancellationToken)
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

        return await database.InTransactionAsync(
            async transaction =>
            {
                var xml = element.ToString(SaveOptions.DisableFormatting);
                if (await transaction.ExecuteAsync(UpdateSql, new { name = row.Name, xml, seen = row.Xml }, cancellationToken) == 0)
                {
                    // Another process was faster.
                    return false;
                }

                await transaction.AppendAsync(
                    new(actor.Account, "gateway.key-ring." + row.Name, "resealed", actor.Actor, time.GetUtcNow(), ["xml"]), cancellationToken);
                return true;
            },
            cancellationToken);
    }

    private bool IsCurrent(XElement part)
    {
        if (secrets.Value.Certificate is not { } file)
        {
            return (string?)part.Elements().Single().Attribute(MasterKeyXmlEncryptor.KeyAttribute) == MasterKeys.IdOf(masterKeys.All[0]);
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

    private sealed class Row
    {
        public string Name { get; init; } = "";

        public string Xml { get; init; } = "";
    }
}
