using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Quiva.Gateway.Security;

/// <summary>
/// Values that admit whoever brings them: 256 random bits in the 43 characters of base64url. Only their hashes are
/// stored.
/// </summary>
public static class OneTimeSecret
{
    private const int Bytes = 32;

    /// <summary>How long one is, in characters.</summary>
    public static int Length { get; } = Base64Url.GetEncodedLength(Bytes);

    /// <summary>Makes one.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Makes one that can be made again from another secret; without that secret nobody can.</summary>
    /// <param name="secret">The other secret.</param>
    /// <param name="purpose">What it is for, different for each that is made.</param>
    public static string Derive(string secret, string purpose) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(purpose)));

    /// <summary>What is stored of one: SHA-256, which needs no salt at that entropy.</summary>
    /// <param name="secret">The value.</param>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Compares in constant time.</summary>
    /// <param name="hash">What is stored.</param>
    /// <param name="secret">What somebody has brought.</param>
    public static bool Matches(byte[] hash, string secret) =>
        CryptographicOperations.FixedTimeEquals(hash, HashOf(secret));
}
