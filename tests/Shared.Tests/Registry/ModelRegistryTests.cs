using Media.Lake;
using Media.Models;
using Media.Registry;
using Media.Tests.Lake;
using Microsoft.Extensions.Time.Testing;

namespace Media.Tests.Registry;

public sealed class ModelRegistryTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 6, 0, 0, TimeSpan.Zero));
    private readonly LocalObjectStore _store;
    private readonly ModelRegistry _registry;

    public ModelRegistryTests()
    {
        _store = new LocalObjectStore(_folder.Path, flush: false);
        _registry = new ModelRegistry(_store, _time);
    }

    public void Dispose() => _folder.Dispose();

    private static ModelCard Card(string name = "churn") => new()
    {
        Name = name, Label = "No session within 28 days.", Features = ["sessions_28d"], TrainAsOf = [DateTimeOffset.UnixEpoch], TrainRows = 10,
        GitCommit = "unknown", Seed = 1, TrainedAt = DateTimeOffset.UnixEpoch,
        Metrics = [new ModelMetrics("churn", [new MetricEstimate("auc", 0.8, 0.78, double.NaN)])],
        TopFeatures = [new FeatureImportance("sessions_28d", 0.7, 0.3)],
        Leaks = new LeakReport { Checks = [new LeakCheck("split", LeakVerdict.Passed, 0, "All different.")] },
    };

    private Task<ModelCard> Save(params byte[] model) => _registry.SaveAsync("churn", model, Card(), Cancel);

    [Fact]
    public async Task SavedModel_ComesBackWithItsCard()
    {
        var card = await Save(1, 2, 3);
        Assert.Equal((1, 3L, "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"), (card.Version, card.Bytes, card.Sha256));
        var loaded = await _registry.LoadAsync("churn", null, Cancel);
        Assert.Equal([1, 2, 3], loaded.Model);
        Assert.Equal(card.ToJson(), loaded.Card.ToJson());
        Assert.Equal("sessions_28d", loaded.Card.TopFeatures[0].Feature);
        Assert.True(loaded.Card.Leaks!.Passed);
    }

    [Fact]
    public async Task SavedAgain_NewVersionIsCurrentAndTheOldOneStays()
    {
        await Save(1);
        Assert.Equal(2, (await Save(2)).Version);
        Assert.Equal(2, await _registry.CurrentVersionAsync("churn", Cancel));
        Assert.Equal([1, 2], await _registry.VersionsAsync("churn", Cancel));
        Assert.Equal([1], (await _registry.LoadAsync("churn", 1, Cancel)).Model);
    }

    [Fact]
    public async Task Models_ThoseWithACurrentVersion_InOrder()
    {
        Assert.Empty(await _registry.ModelsAsync(Cancel));
        foreach (var name in (string[])["segmentation", "churn", "conversion"]) await _registry.SaveAsync(name, [1], Card(name), Cancel);
        await _store.PutAsync("models/headline/0000001/model.bin", new byte[1], Cancel);
        Assert.Equal(["churn", "conversion", "segmentation"], await _registry.ModelsAsync(Cancel));
    }

    [Fact]
    public async Task EightWritersAtOnce_GetEightVersionsEachWithItsOwnBytes()
    {
        var cards = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => new ModelRegistry(_store, _time).SaveAsync("churn", [(byte)i], Card(), Cancel))));
        Assert.Equal(Enumerable.Range(1, 8), cards.Select(c => c.Version).Order());
        for (var i = 0; i < 8; i++) Assert.Equal([(byte)i], (await _registry.LoadAsync("churn", cards[i].Version, Cancel)).Model);
        Assert.Equal(8, (await _registry.HistoryAsync("churn", Cancel)).Count);
    }

    [Theory]
    [InlineData("model.bin")]
    [InlineData("card.json")]
    [InlineData("promotions")]
    public async Task CrashWhileSaving_FormerVersionStaysCurrentAndTheNumberIsNotUsedTwice(string before)
    {
        await Save(1);
        var crashing = new ModelRegistry(new DyingStore(_store, key => key.Contains(before, StringComparison.Ordinal)), _time);
        await Assert.ThrowsAsync<IOException>(() => crashing.SaveAsync("churn", [2], Card(), Cancel));
        Assert.Equal([1], (await _registry.LoadAsync("churn", null, Cancel)).Model);
        var next = await Save(3);
        Assert.Equal(before == "model.bin" ? 2 : 3, next.Version);
        Assert.Equal([3], (await _registry.LoadAsync("churn", null, Cancel)).Model);
        Assert.Equal(before == "card.json" ? [1, 3] : Enumerable.Range(1, next.Version), await _registry.VersionsAsync("churn", Cancel));
    }

    [Fact]
    public async Task FlippedBit_AnyOfThem_IsRefused()
    {
        byte[] bytes = [10, 20, 30, 40];
        await Save(bytes);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            await _store.PutAsync("models/churn/0000001/model.bin", damaged, Cancel);
            var fault = await Assert.ThrowsAsync<InvalidDataException>(() => _registry.LoadAsync("churn", null, Cancel));
            Assert.Contains("models/churn/0000001/model.bin' is not what was saved", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TruncatedOrMissingModel_AnotherVersionsCard_AreRefused()
    {
        await Save(1, 2);
        await Save(3, 4);
        await _store.PutAsync("models/churn/0000002/model.bin", new byte[] { 3 }, Cancel);
        await Assert.ThrowsAsync<InvalidDataException>(() => _registry.LoadAsync("churn", 2, Cancel));
        await _store.DeleteAsync("models/churn/0000002/model.bin", Cancel);
        await Assert.ThrowsAsync<InvalidDataException>(() => _registry.LoadAsync("churn", 2, Cancel));
        await _store.PutAsync("models/churn/0000001/card.json", (await _store.GetAsync("models/churn/0000002/card.json", Cancel))!, Cancel);
        Assert.Contains("card of model 'churn' version 2", (await Assert.ThrowsAsync<InvalidDataException>(() => _registry.LoadAsync("churn", 1, Cancel))).Message, StringComparison.Ordinal);
        await _store.PutAsync("models/churn/0000001/card.json", "{"u8.ToArray(), Cancel);
        await Assert.ThrowsAsync<InvalidDataException>(() => _registry.LoadAsync("churn", 1, Cancel));
    }

    [Fact]
    public async Task NothingSaved_SaysWhatToRun()
    {
        Assert.Null(await _registry.CurrentVersionAsync("churn", Cancel));
        Assert.Empty(await _registry.VersionsAsync("churn", Cancel));
        const string next = "Model 'churn' has no saved version; run 'jobs train churn'.";
        Assert.Equal(next, (await Assert.ThrowsAsync<ModelNotFoundException>(() => _registry.LoadAsync("churn", null, Cancel))).Message);
        Assert.Equal(next, (await Assert.ThrowsAsync<ModelNotFoundException>(() => _registry.LoadAsync("churn", 3, Cancel))).Message);
        Assert.Equal(next, (await Assert.ThrowsAsync<ModelNotFoundException>(() => _registry.RollbackAsync("churn", "ada", "x", Cancel))).Message);
    }

    [Fact]
    public async Task UnknownVersion_NamesThoseThereAre()
    {
        await Save(1);
        await Save(2);
        const string message = "Model 'churn' has no version 7; it has 1, 2.";
        Assert.Equal(message, (await Assert.ThrowsAsync<ModelNotFoundException>(() => _registry.LoadAsync("churn", 7, Cancel))).Message);
        Assert.Equal(message, (await Assert.ThrowsAsync<ModelNotFoundException>(() => _registry.PromoteAsync("churn", 7, "ada", "x", Cancel))).Message);
        Assert.Equal(2, await _registry.CurrentVersionAsync("churn", Cancel));
    }

    [Fact]
    public async Task PromotedAndRolledBack_HistoryTellsWhoWhenWhy()
    {
        await Save(1);
        await Save(2);
        await Save(3);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, await _registry.RollbackAsync("churn", "ada", "calibration drifted", Cancel));
        Assert.Equal(1, await _registry.RollbackAsync("churn", "ada", "also this one", Cancel));
        Assert.Equal([1], (await _registry.LoadAsync("churn", null, Cancel)).Model);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _registry.RollbackAsync("churn", "ada", "further", Cancel));
        await _registry.PromoteAsync("churn", 3, "grace", "was right after all", Cancel);
        Assert.Equal(3, await _registry.CurrentVersionAsync("churn", Cancel));
        Assert.Equal(1, await _registry.RollbackAsync("churn", "grace", "no", Cancel));

        var history = await _registry.HistoryAsync("churn", Cancel);
        Assert.Equal([1, 2, 3, 2, 1, 3, 1], history.Select(p => p.Version));
        Assert.Equal(new Promotion(2, PromotionKind.RolledBack, "ada", new DateTimeOffset(2026, 3, 2, 6, 0, 0, TimeSpan.Zero), "calibration drifted"), history[3]);
        Assert.Equal(PromotionKind.Promoted, history[5].Kind);
    }

    [Fact]
    public async Task SavedWhileRollingBack_RollbackIsRefusedNotGuessed()
    {
        await Save(1);
        await Save(2);
        var interrupted = new ModelRegistry(new InterruptedStore(_store, () => Save(3)), _time);
        await Assert.ThrowsAsync<InvalidOperationException>(() => interrupted.RollbackAsync("churn", "ada", "bad", Cancel));
        Assert.Equal(3, await _registry.CurrentVersionAsync("churn", Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Churn")]
    [InlineData("../churn")]
    [InlineData("churn\n")]
    public async Task NameThatIsNoName_Refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _registry.SaveAsync(name, [1], Card(name), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _registry.LoadAsync(name, null, Cancel));
    }

    [Fact]
    public async Task AnotherModelsCard_NoBytes_Refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _registry.SaveAsync("conversion", [1], Card(), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _registry.SaveAsync("churn", [], Card(), Cancel));
        Assert.Empty(await _registry.VersionsAsync("churn", Cancel));
    }

    /// <summary>A store that dies at the first put of a chosen key, before it happens.</summary>
    private sealed class DyingStore(IObjectStore inner, Predicate<string> dies) : PassingStore(inner)
    {
        private readonly IObjectStore _inner = inner;

        public override Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel) => Alive(key).PutAsync(key, bytes, cancel);
        public override Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel) => Alive(key).TryPutAsync(key, bytes, cancel);

        private IObjectStore Alive(string key) => dies(key) ? throw new IOException("The process died here.") : _inner;
    }
}
