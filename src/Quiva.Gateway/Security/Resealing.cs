using System.Security.Cryptography;

namespace Quiva.Gateway.Security;

/// <summary>What came of sealing secrets again.</summary>
/// <param name="Count">How many rows were sealed again.</param>
/// <param name="Unopened">The subjects of those that do not open; they were left as they are.</param>
public sealed record Resealing(int Count, IReadOnlyList<string> Unopened)
{
    /// <summary>
    /// Goes through rows one by one, a part of their keys at a time, and on past those that do not open. May be stopped
    /// and started again: what is sealed under the newest key is left as it is.
    /// </summary>
    /// <typeparam name="T">What names a row.</typeparam>
    /// <param name="first">A key before all others.</param>
    /// <param name="listAfterAsync">The next keys after one, in order; none at the end.</param>
    /// <param name="subjectOf">A row's subject.</param>
    /// <param name="resealAsync">Seals a row again in a transaction of its own; false when it needs none.</param>
    public static async Task<Resealing> ForEachAsync<T>(
        T first, Func<T, Task<IReadOnlyList<T>>> listAfterAsync, Func<T, string> subjectOf, Func<T, Task<bool>> resealAsync)
    {
        var count = 0;
        var unopened = new List<string>();
        for (var part = await listAfterAsync(first); part.Count > 0; part = await listAfterAsync(part[^1]))
        {
            foreach (var row in part)
            {
                try
                {
                    count += await resealAsync(row) ? 1 : 0;
                }
                catch (CryptographicException)
                {
                    unopened.Add(subjectOf(row));
                }
            }
        }

        return new(count, unopened);
    }

    /// <summary>Both together.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">The other.</param>
    public static Resealing operator +(Resealing first, Resealing second) =>
        new(first.Count + second.Count, [.. first.Unopened, .. second.Unopened]);
}
