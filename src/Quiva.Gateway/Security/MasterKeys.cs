using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using Quiva.Gateway.Http;

namespace Quiva.Gateway.Security;

/// <summary>
/// The master keys that seal the key ring (AES-256-GCM). Where none is configured, outside Production, one is made in
/// the data directory, so that the database alone never opens a secret.
/// </summary>
internal sealed class MasterKeys(
    IOptions<SecretsOptions> secrets, IOptions<GatewayOptions> gateway, IHostEnvironment environment)
{
    /// <summary>The file of a key that was made here, in the data directory.</summary>
    internal const string FileName = "master.key";

    private const int KeyBytes = 32;
    private readonly Lazy<IReadOnlyList<byte[]>> keys = new(() => Load(secrets.Value, gateway.Value, environment));

    /// <summary>The newest first: it seals; all of them open.</summary>
    public IReadOnlyList<byte[]> All => keys.Value;

    public static bool IsKey(string text)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes + 1];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == KeyBytes;
    }

    /// <summary>Names a key without telling anything of it.</summary>
    public static string IdOf(byte[] key) =>
        Convert.ToHexStringLower(SHA256.HashData([.. "Quiva.Gateway master key"u8, .. key]))[..16];

    private static List<byte[]> Load(SecretsOptions secrets, GatewayOptions gateway, IHostEnvironment environment)
    {
        var current = secrets.MasterKey
            ?? (secrets.Certificate is null && !environment.IsProduction()
                ? Encoding.ASCII.GetString(LocalFiles.ReadOrCreate(
                    gateway,
                    FileName,
                    () => Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)))))
                : null);
        return [.. new[] { current }
            .OfType<string>()
            .Concat(secrets.PreviousMasterKeys)
            .Select(Convert.FromBase64String)];
    }
}

/// <summary>Seals an element of the key ring under the newest master key.</summary>
internal sealed class MasterKeyXmlEncryptor(MasterKeys keys) : IXmlEncryptor
{
    internal const string KeyAttribute = "masterKey";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var key = keys.All[0];
        var plaintext = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var sealedBytes = new byte[AesGcm.NonceByteSizes.MaxSize + plaintext.Length + AesGcm.TagByteSizes.MaxSize];
        var nonce = sealedBytes.AsSpan(0, AesGcm.NonceByteSizes.MaxSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        aes.Encrypt(
            nonce,
            plaintext,
            sealedBytes.AsSpan(nonce.Length, plaintext.Length),
            sealedBytes.AsSpan(nonce.Length + plaintext.Length),
            MasterKeyXmlDecryptor.Purpose);
        CryptographicOperations.ZeroMemory(plaintext);
        return new(
            new XElement(
                "masterKeySealed",
                new XAttribute(KeyAttribute, MasterKeys.IdOf(key)),
                Convert.ToBase64String(sealedBytes)),
            typeof(MasterKeyXmlDecryptor));
    }
}

/// <summary>
/// Opens what <see cref="MasterKeyXmlEncryptor"/> has sealed. Made by Data Protection, by the type's name in the stored
/// element.
/// </summary>
internal sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    internal static readonly byte[] Purpose = "Quiva.Gateway key ring"u8.ToArray();

    public XElement Decrypt(XElement encryptedElement)
    {
        var id = (string?)encryptedElement.Attribute(MasterKeyXmlEncryptor.KeyAttribute);
        var key = services.GetRequiredService<MasterKeys>().All
            .FirstOrDefault(candidate => MasterKeys.IdOf(candidate) == id)
            ?? throw new CryptographicException(
                "The key ring is sealed by a master key that is not configured (Secrets:MasterKey, Secrets:PreviousMasterKeys).");
        var sealedBytes = Convert.FromBase64String(encryptedElement.Value).AsSpan();
        var length = sealedBytes.Length - AesGcm.NonceByteSizes.MaxSize - AesGcm.TagByteSizes.MaxSize;
        var plaintext = new byte[length];
        using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        aes.Decrypt(
            sealedBytes[..AesGcm.NonceByteSizes.MaxSize],
            sealedBytes.Slice(AesGcm.NonceByteSizes.MaxSize, length),
            sealedBytes[^AesGcm.TagByteSizes.MaxSize..],
            plaintext,
            Purpose);
        return XElement.Parse(Encoding.UTF8.GetString(plaintext));
    }
}
