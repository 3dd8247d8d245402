using Media.Bandit;
using Media.Events;
using Media.Lake;
using Media.Registry;
using Media.Tests.Lake;

namespace Media.Tests.Registry;

public sealed class BanditRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NothingSaved_IsNull() => Assert.Null(await new BanditRegistry(new LocalObjectStore(_folder.Path)).CurrentAsync("ad_slot", TestContext.Current.CancellationToken));

    [Fact]
    public async Task LastSaved_IsCurrent()
    {
        var registry = new BanditRegistry(new LocalObjectStore(_folder.Path));
        Assert.Equal(1, await registry.SaveAsync(Snapshot(10), TestContext.Current.CancellationToken));
        Assert.Equal(2, await registry.SaveAsync(Snapshot(20), TestContext.Current.CancellationToken));
        var current = await registry.CurrentAsync("ad_slot", TestContext.Current.CancellationToken);
        Assert.Equal(2, current!.Version);
        Assert.Equal(20, current.Snapshot.Open().PolicyVersion("anyone"));
    }

    [Fact]
    public async Task EightWriters_GetEightVersions()
    {
        var registry = new BanditRegistry(new LocalObjectStore(_folder.Path));
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => registry.SaveAsync(Snapshot(i), TestContext.Current.CancellationToken))));
        Assert.Equal(Enumerable.Range(1, 8), versions.Order());
    }

    [Fact]
    public async Task DamagedBytes_AreRefused()
    {
        var store = new LocalObjectStore(_folder.Path);
        await store.PutAsync("bandit/ad_slot/0000001.json", "{}"u8.ToArray(), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidDataException>(() => new BanditRegistry(store).CurrentAsync("ad_slot", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task PlainAndContextual_FollowEachOtherAsVersionsOfOneBandit()
    {
        var cancel = TestContext.Current.CancellationToken;
        var registry = new BanditRegistry(new LocalObjectStore(_folder.Path));
        await registry.SaveAsync(Snapshot(3), cancel);
        var policy = new ContextualThompson(5, new ThompsonOptions());
        policy.Update("casual", 2, true, 0.5);
        Assert.Equal(2, await registry.SaveAsync(ContextualSnapshot.Of(policy, "ad_slot", Vocabulary<AdSlot>.Names, DateTimeOffset.UnixEpoch, null), cancel));
        var current = (await registry.CurrentAsync("ad_slot", cancel))!;
        Assert.Equal((2, "contextual_thompson"), (current.Version, current.Snapshot.Open().Name));
        Assert.Equal(3, await registry.SaveAsync(Snapshot(4), cancel));
        Assert.Equal("thompson_sampling", (await registry.CurrentAsync("ad_slot", cancel))!.Snapshot.Open().Name);
    }

    private static BanditSnapshot Snapshot(long policyVersion) => BanditSnapshot.Of(
        new ThompsonSampling([.. Enumerable.Repeat(ArmPosterior.Prior, 5)], policyVersion, new ThompsonOptions()), "ad_slot", Vocabulary<AdSlot>.Names, DateTimeOffset.UnixEpoch, null);
}
