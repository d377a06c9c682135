using Quiva.Gateway.Oauth.TokenEndpoint;

namespace Quiva.Gateway.Oauth.Connections;

/// <summary>What became of a connection's last renewal, and when to try again.</summary>
/// <param name="Error">Why it failed, one of <see cref="ProviderError"/>'s codes; null when it did not.</param>
/// <param name="Failures">How many have failed in a row.</param>
/// <param name="Since">Since when the connection has been as it is, UTC; null when that is not known.</param>
/// <param name="RenewAt">From when on the sweep renews the connection, UTC; null for never.</param>
public readonly record struct RenewalHealth(string? Error, int Failures, DateTimeOffset? Since, DateTimeOffset? RenewAt)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5), LongestPause = TimeSpan.FromDays(1);

    /// <summary>Whether only a new sign-in helps.</summary>
    public bool NeedsSignIn => Error == ProviderError.InvalidGrant;

    /// <summary>
    /// When the sweep tries again after a failure: twice as long after each, at most a day later; null for never.
    /// </summary>
    /// <param name="error">Why the renewal failed.</param>
    /// <param name="failures">How many have failed in a row, with this one.</param>
    /// <param name="now">When it failed.</param>
    public static DateTimeOffset? RetryAt(
        string error, int failures, DateTimeOffset now) => error == ProviderError.InvalidGrant
        ? null
        : now + TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Clamp(failures - 1, 0, 20)));
}
