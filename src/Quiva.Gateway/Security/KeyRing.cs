using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Security;

/// <summary>Sets Data Protection up, and guards its key ring.</summary>
public static class KeyRing
{
    /// <summary>Adds Data Protection with AES-256-GCM and its key ring in the database.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The settings.</param>
    public static void AddKeyRing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<KeyRingStore>();
        services.AddSingleton<MasterKeys>();
        services.AddSingleton<KeyRingResealing>();
        services.AddSingleton(provider => new SecretProtector(
            provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<RefreshableKeyManager>().Refresh));
        // A ring that is found out of date is read again before it is used, not some time after.
        AppContext.SetSwitch("Microsoft.AspNetCore.DataProtection.KeyManagement.DisableAsyncKeyRingUpdate", true);
        var dataProtection = services.AddDataProtection()
            .SetApplicationName("Quiva.Gateway")
            .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration
            {
                EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM
            });
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            options.XmlRepository = provider.GetRequiredService<KeyRingStore>();
            options.XmlEncryptor = new MasterKeyXmlEncryptor(provider.GetRequiredService<MasterKeys>());
        }));
        // Files that can't be read are told with all other faults of the settings.
        var secrets = configuration.GetSection("Secrets").Get<SecretsOptions>() ?? new();
        if (secrets.Certificate is { Fault: null } certificate)
        {
            dataProtection.ProtectKeysWithCertificate(certificate.Load());
        }

        dataProtection.UnprotectKeysWithAnyCertificate([.. secrets.PreviousCertificates.Where(
            previous => previous.Fault is null).Select(previous => previous.Load())]);
        services.AddSingleton(
            provider => new RefreshableKeyManager(ActivatorUtilities.CreateInstance<XmlKeyManager>(provider)));
        services.AddSingleton<IKeyManager>(provider => provider.GetRequiredService<RefreshableKeyManager>());
    }

    /// <summary>Refuses a key ring that lies open in the database, and makes its first key.</summary>
    /// <param name="services">The services.</param>
    /// <exception cref="InvalidOperationException">A stored key is not sealed, or can't be opened.</exception>
    internal static void Verify(IServiceProvider services)
    {
        foreach (var element in services.GetRequiredService<KeyRingStore>()
            .GetAllElements()
            .Where(element => element.Name == "key"))
        {
            if (!element.Descendants().Any(part => part.Name.LocalName == "encryptedSecret"))
            {
                throw new InvalidOperationException(
                    "The key ring holds a key that is not sealed. Whoever has read the database can open its secrets: remove the key, and replace every secret.");
            }
        }

        var keys = services.GetRequiredService<IKeyManager>();
        foreach (var key in keys.GetAllKeys().Where(key => !key.IsRevoked))
        {
            try
            {
                key.CreateEncryptor();
            }
            catch (CryptographicException exception)
            {
                // Data Protection itself would go on with a new key, and every stored secret would be lost without a
                // word.
                throw new InvalidOperationException(
                    $"The key {key.KeyId} of the key ring does not open with what Secrets configures: {exception.Message}",
                    exception);
            }
        }

        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("first key").Protect([]);
    }

    /// <summary>Makes a new key that seals from now on.</summary>
    /// <param name="services">The services.</param>
    internal static void Rotate(IServiceProvider services)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        services.GetRequiredService<IKeyManager>().CreateNewKey(
            now, now + services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.NewKeyLifetime);
    }
}

/// <summary>
/// Data Protection reads its ring again only once a day; a key that another instance has made since would not be found.
/// <see cref="Refresh"/> makes it read the ring at its next use.
/// </summary>
internal sealed class RefreshableKeyManager(IKeyManager inner) : IKeyManager, IDisposable
{
    private CancellationTokenSource refresh = new();

    public void Refresh()
    {
        using var old = Interlocked.Exchange(ref refresh, new());
        old.Cancel();
    }

    public CancellationToken GetCacheExpirationToken() =>
        CancellationTokenSource.CreateLinkedTokenSource(inner.GetCacheExpirationToken(), refresh.Token).Token;

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) =>
        inner.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => inner.GetAllKeys();

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) =>
        inner.RevokeAllKeys(revocationDate, reason);

    public void RevokeKey(Guid keyId, string? reason = null) => inner.RevokeKey(keyId, reason);

    public void Dispose() => refresh.Dispose();
}
