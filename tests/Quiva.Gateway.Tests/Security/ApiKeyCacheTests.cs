using Microsoft.Extensions.DependencyInjection;
using Quiva.Gateway.Data;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Tests.Security;

/// <summary>
/// A key is looked up again when its time in the cache is over, or as soon as this process has revoked one.
/// </summary>
public sealed class ApiKeyCacheTests
{
    private static Task<GatewayApp> StartAsync(double seconds) => GatewayApp.StartAsync(
        DatabaseProvider.Sqlite, $"--ApiKeys:CacheSeconds={seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)}");

    private static Task<bool> IsValidAsync(GatewayApp app, string key) => app.Services.GetRequiredService<ApiKeyStore>()
        .FindValidAsync(key, default).ContinueWith(found => found.Result is not null, TaskScheduler.Default);

    [Test]
    public async Task A_revocation_counts_at_once_in_its_own_process()
    {
        await using var app = await StartAsync(60);
        var keys = app.Services.GetRequiredService<ApiKeyStore>();
        var (id, key) = await keys.CreateAsync("acme", ["developer"], "", null, default);
        Assert.That(await IsValidAsync(app, key));
        await keys.RevokeAsync(id, default);
        Assert.That(await IsValidAsync(app, key), Is.False);
    }

    [TestCase(60, true)]
    [TestCase(0, false)]
    [TestCase(0.3, false)]
    public async Task A_revocation_elsewhere_counts_when_the_cache_is_over(double seconds, bool stillValid)
    {
        await using var app = await StartAsync(seconds);
        await using var other = await GatewayApp.StartAsync(app.TestDatabase);
        var (id, key) = await app.Services.GetRequiredService<ApiKeyStore>()
            .CreateAsync("acme", ["developer"], "", null, default);
        Assert.That(await IsValidAsync(app, key));
        await other.Services.GetRequiredService<ApiKeyStore>().RevokeAsync(id, default);
        await Task.Delay(TimeSpan.FromSeconds(Math.Min(seconds, 0.4)));
        Assert.That(await IsValidAsync(app, key), Is.EqualTo(stillValid));
    }

    [Test]
    public async Task A_key_that_expires_does_so_in_the_cache_too()
    {
        await using var app = await StartAsync(60);
        var key = await app.KeyAsync("acme", ["developer"], TimeSpan.FromSeconds(1));
        Assert.That(await IsValidAsync(app, key));
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        Assert.That(await IsValidAsync(app, key), Is.False);
    }

    [Test]
    public async Task A_key_that_is_revoked_while_it_is_looked_up_is_not_kept()
    {
        var cache = new ApiKeyCache(new() { CacheSeconds = 60 }, TimeProvider.System);
        var (lookUps, found) = (0, new TaskCompletionSource<ApiKey?>());
        var first = cache.FindAsync([1], LookUp);
        cache.Forget();
        found.SetResult(new());
        await first;
        await cache.FindAsync([1], LookUp);
        await cache.FindAsync([1], LookUp);
        Assert.That(lookUps, Is.EqualTo(2));

        Task<ApiKey?> LookUp(byte[] hash)
        {
            lookUps++;
            return found.Task;
        }
    }

    [Test]
    public async Task What_is_no_key_is_looked_up_each_time()
    {
        var (cache, lookUps) = (new ApiKeyCache(new() { CacheSeconds = 60 }, TimeProvider.System), 0);
        await cache.FindAsync([1], LookUp);
        await cache.FindAsync([1], LookUp);
        Assert.That(lookUps, Is.EqualTo(2));

        Task<ApiKey?> LookUp(byte[] hash)
        {
            lookUps++;
            return Task.FromResult<ApiKey?>(null);
        }
    }
}
