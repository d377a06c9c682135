using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Quiva.Gateway.Security;

/// <summary>Where a secret is stored. It is part of the sealing: a ciphertext that was copied to another place does not open there.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column.</param>
/// <param name="Row">The row's key.</param>
public readonly record struct SecretPlace(string Table, string Column, string Row);

/// <summary>Seals and opens secrets with ASP.NET Core Data Protection (AES-256-GCM), bound to their place.</summary>
/// <param name="provider">Data Protection.</param>
/// <param name="refreshRing">Makes Data Protection read its key ring again.</param>
public sealed class SecretProtector(IDataProtectionProvider provider, Action refreshRing)
{
    private const string Purpose = "Quiva.Gateway.Secrets.v1";
    private readonly Lock refreshing = new();

    /// <summary>Seals a secret under the newest key.</summary>
    /// <param name="place">Where it will be stored.</param>
    /// <param name="secret">The secret.</param>
    public byte[] Seal(SecretPlace place, string secret) => Seal(place, Encoding.UTF8.GetBytes(secret));

    /// <summary>Seals bytes under the newest key.</summary>
    /// <param name="place">Where they will be stored.</param>
    /// <param name="secret">The bytes.</param>
    public byte[] Seal(SecretPlace place, byte[] secret)
    {
        GatewayMetrics.Sealed();
        return For(place).Protect(secret);
    }

    /// <summary>Opens bytes.</summary>
    /// <param name="place">Where they are stored.</param>
    /// <param name="sealedSecret">What is stored there.</param>
    /// <exception cref="CryptographicException">They were sealed for another place, altered, or their key is gone.</exception>
    public byte[] OpenBytes(SecretPlace place, byte[] sealedSecret) => OpenBytes(place, sealedSecret, out _);

    /// <summary>Opens a secret.</summary>
    /// <param name="place">Where it is stored.</param>
    /// <param name="sealedSecret">What is stored there.</param>
    /// <exception cref="CryptographicException">It was sealed for another place, altered, or its key is gone.</exception>
    public string Open(SecretPlace place, byte[] sealedSecret) => Open(place, sealedSecret, out _);

    /// <summary>Opens a secret, and tells whether a newer key than its own is there to seal it again.</summary>
    /// <param name="place">Where it is stored.</param>
    /// <param name="sealedSecret">What is stored there.</param>
    /// <param name="outdated">Whether it should be sealed again.</param>
    /// <exception cref="CryptographicException">It was sealed for another place, altered, or its key is gone.</exception>
    public string Open(SecretPlace place, byte[] sealedSecret, out bool outdated) =>
        Encoding.UTF8.GetString(OpenBytes(place, sealedSecret, out outdated));

    /// <summary>Opens bytes, and tells whether a newer key than their own is there to seal them again.</summary>
    /// <param name="place">Where they are stored.</param>
    /// <param name="sealedSecret">What is stored there.</param>
    /// <param name="outdated">Whether they should be sealed again.</param>
    /// <exception cref="CryptographicException">They were sealed for another place, altered, or their key is gone.</exception>
    public byte[] OpenBytes(SecretPlace place, byte[] sealedSecret, out bool outdated)
    {
        var hasFailed = true;
        try
        {
            var bytes = Unprotect(place, sealedSecret, out outdated);
            hasFailed = false;
            return bytes;
        }
        finally
        {
            GatewayMetrics.Opened(hasFailed);
        }
    }

    private byte[] Unprotect(SecretPlace place, byte[] sealedSecret, out bool outdated)
    {
        var protector = (IPersistedDataProtector)For(place);
        byte[] bytes;
        try
        {
            bytes = protector.DangerousUnprotect(sealedSecret, ignoreRevocationErrors: false, out outdated, out _);
        }
        catch (CryptographicException)
        {
            // Another instance may have made the key since the ring was read; anything else fails again, and is thrown.
            // One at a time: while one caller reads the ring, Data Protection gives the others the old one.
            lock (refreshing)
            {
                refreshRing();
                bytes = protector.DangerousUnprotect(sealedSecret, ignoreRevocationErrors: false, out outdated, out _);
            }
        }

        return bytes;
    }

    private IDataProtector For(SecretPlace place) => provider.CreateProtector(Purpose).CreateProtector(place.Table, place.Column, place.Row);
}
