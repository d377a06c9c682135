using Quiva.Gateway.Data;
using Quiva.Gateway.Oauth.Connections;
using Quiva.Gateway.Oauth.SignIns;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Accounts;

/// <summary>What an erasure has removed.</summary>
/// <param name="Rows">Rows, without connections and sign-ins that waited.</param>
/// <param name="Connections">Connections.</param>
/// <param name="NotRevoked">
/// Connections, and sign-ins that waited, whose provider did not take the revocation of their tokens.
/// </param>
/// <param name="Left">Tables that have rows again: somebody still writes for the account.</param>
public sealed record Erased(long Rows, int Connections, int NotRevoked, IReadOnlyList<string> Left);

/// <summary>
/// Erases an account: its connections are revoked at their providers, then its rows are removed. Each step may be
/// interrupted; doing it again goes on where it ended.
/// </summary>
public sealed class AccountErasure(
    AccountEraseStore store,
    Database database,
    OauthConnectionStore connections,
    PendingSignInStore pendings,
    SignInFinish signIns,
    TokenRevocation revocation,
    TimeProvider time)
{
    /// <summary>The account of the platform itself, which can't be erased.</summary>
    public const string Platform = "platform";

    private const int MostPasses = 3, AtATime = 8;

    /// <summary>Erases an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="before">Entries of the log without a configuration stay from then on.</param>
    /// <param name="actor">Who does it; the log of the platform says so.</param>
    /// <param name="cancellationToken">Ends the work; what is removed stays removed.</param>
    public async Task<Erased> EraseAsync(
        string account, DateTimeOffset before, string actor, CancellationToken cancellationToken)
    {
        // Before anything goes: what is left of an interrupted erasure may be nothing that another one would find.
        var entry = new Change(
            Platform,
            "gateway.account." + account,
            "erased",
            actor,
            time.GetUtcNow(),
            [])
        { Owner = CounterStore.Platform };
        await database.InTransactionAsync(
            transaction => transaction.AppendAsync(entry, cancellationToken), cancellationToken);

        var (rows, removed, failed) = (0L, 0, 0);
        IReadOnlyList<string> left = [];
        for (var pass = 0; pass < MostPasses; pass++)
        {
            rows += await store.EmptyAsync(AccountEraseStore.DeleteKeysSql, account, cancellationToken);
            rows += await store.EmptyAsync(AccountEraseStore.DeleteSignInsSql, account, cancellationToken);
            failed += await EndSignInsAsync(account, cancellationToken);
            var (some, unrevoked) = await RemoveConnectionsAsync(account, new(account, actor), cancellationToken);
            (removed, failed) = (removed + some, failed + unrevoked);
            await store.EndRunsAsync(account, time.GetUtcNow(), cancellationToken);
            foreach (var (_, delete) in AccountEraseStore.Tables)
            {
                rows += await store.EmptyAsync(delete, account, cancellationToken);
            }

            rows += await store.RemoveChangesAsync(account, before, cancellationToken);
            left = [.. (await store.CountAsync(account, before, cancellationToken))
                .Where(count => count.Rows > 0)
                .Select(count => count.Table)];
            if (left.Count == 0)
            {
                break;
            }
        }

        return new(rows, removed, failed, left);
    }

    private async Task<(int Removed, int NotRevoked)> RemoveConnectionsAsync(
        string account, Caller actor, CancellationToken cancellationToken)
    {
        var (removed, failed) = (0, 0);
        while (await store.ListConnectionsAsync(account, cancellationToken) is { Count: > 0 } part)
        {
            await Parallel.ForEachAsync(
                part,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
                async (connection, stop) =>
                {
                    var key = new ConnectionKey(account, connection.Integration, connection.Id);
                    if (!await revocation.TryAsync(key, stop))
                    {
                        Interlocked.Increment(ref failed);
                    }

                    if (await connections.DeleteAsync(key, actor, stop))
                    {
                        Interlocked.Increment(ref removed);
                    }
                });
        }

        return (removed, failed);
    }

    private async Task<int> EndSignInsAsync(string account, CancellationToken cancellationToken)
    {
        var failed = 0;
        foreach (var pending in await pendings.ListAsync(account, cancellationToken))
        {
            if (!await signIns.EndAsync(pending, cancellationToken))
            {
                failed++;
                await pendings.DeleteAsync(pending);
            }
        }

        return failed;
    }
}
