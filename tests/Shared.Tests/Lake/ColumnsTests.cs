using System.Text;
using Apache.Arrow;
using Media.Events;
using Media.Features;
using Media.Lake;

namespace Media.Tests.Lake;

/// <summary>Records → columns → Parquet in a table → columns → records gives the very records.</summary>
public sealed class ColumnsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Events_ComeBackEqual()
    {
        var events = LakeSamples.Events(5_000, seed: 1);
        var late = events.Select((_, i) => i % 7 == 0).ToArray();
        var read = await ThroughTableAsync(Tables.Events, EventColumns.From(events, late), EventColumns.Read);
        Assert.Equal(events.Select((e, i) => new StoredEvent(e, late[i])), read.OrderBy(e => e.Consumed.Offset));
    }

    [Fact]
    public async Task Sessions_ComeBackEqual()
    {
        var sessions = LakeSamples.Sessions(1_000, seed: 2);
        var read = await ThroughTableAsync(Tables.Sessions, SessionColumns.From(sessions), SessionColumns.Read);
        read = [.. read.OrderBy(s => s.SessionId, StringComparer.Ordinal)];
        double[] none = [];
        Assert.Equal(sessions.Select(s => s with { Metrics = none }), read.Select(s => s with { Metrics = none }));
        for (var i = 0; i < sessions.Length; i++) Assert.Equal(sessions[i].Metrics, read[i].Metrics);
    }

    [Fact]
    public async Task Features_ComeBackEqual()
    {
        var random = new Random(3);
        var names = FeatureCatalog.Names;
        const int rows = 300;
        var features = new FeatureBatch(names, [.. Enumerable.Range(0, rows).Select(i => $"u{i:D3}")], [.. Enumerable.Range(0, rows).Select(i => 1_700_000_000_000_000L + i % 3 * 86_400_000_000)],
            [.. Enumerable.Range(0, rows).Select(i => 1_699_000_000_000_000L + i)], [.. Enumerable.Range(0, rows * names.Count).Select(_ => random.Next(5) == 0 ? float.NaN : random.NextSingle())]);
        var batch = FeatureColumns.From(features);
        Assert.Equal(features.Values, FeatureColumns.Read(batch).Values);
        Assert.Equal(features.Select([names[7], names[2]]).Values, FeatureColumns.Read(batch, [names[7], names[2]]).Values);

        var read = FeatureBatch.Concat(await ThroughTableAsync<FeatureBatch>(Tables.Features, batch, b => [FeatureColumns.Read(b)]));
        var order = Enumerable.Range(0, rows).OrderBy(i => read.Entities[i], StringComparer.Ordinal).ToArray();
        read = read.Take(order);
        Assert.Equal(features.Entities, read.Entities);
        Assert.Equal(features.AsOfMicros, read.AsOfMicros);
        Assert.Equal(features.LatestEventMicros, read.LatestEventMicros);
        Assert.Equal(features.Values, read.Values);
    }

    [Fact]
    public async Task BadEvents_ComeBackEqual()
    {
        BadEvent[] events =
        [
            new(BadEventReason.Undecodable, null, new byte[] { 0xff, 0, 1 }, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(60), 0, 12),
            new(BadEventReason.OutOfRange, "scroll_depth", Encoding.UTF8.GetBytes("""{"scroll_depth":-1}"""), new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero), -1, -1),
            new(BadEventReason.TooLarge, null, ReadOnlyMemory<byte>.Empty, DateTimeOffset.UnixEpoch, 3, 0),
        ];
        var read = await ThroughTableAsync(Tables.BadEvents, BadEventColumns.From(events), BadEventColumns.Read);
        byte[] none = [];
        Assert.Equal(events.Select(e => e with { Raw = none }), read.Select(e => e with { Raw = none }));
        Assert.Equal(events.Select(e => e.Raw.ToArray()), read.Select(e => e.Raw.ToArray()));
    }

    [Fact]
    public async Task PredictionsAndQuality_ComeBackEqual()
    {
        Prediction[] predictions = [new("churn", "3", new UserId("a"), 5, 0, 0.25, 9), new("segmentation", "1", new UserId("b"), -1, 1, 2, 9)];
        Assert.Equal(predictions, await ThroughTableAsync(Tables.Predictions, PredictionColumns.From(predictions), PredictionColumns.Read));
        QualityFigure[] figures = [new("r1", "ingest", "late_events", 12, "events", 7), new("r1", "train", "auc", double.NaN, null, 8)];
        Assert.Equal(figures, await ThroughTableAsync(Tables.Quality, QualityColumns.From(figures), QualityColumns.Read));
    }

    [Fact]
    public void ColumnsOfABatch_AreThoseOfItsTable()
    {
        var feature = new FeatureBatch(FeatureCatalog.Names, [], [], [], []);
        foreach (var (batch, table) in new[]
        {
            (EventColumns.From([], []), Tables.Events), (SessionColumns.From([]), Tables.Sessions), (FeatureColumns.From(feature), Tables.Features),
            (BadEventColumns.From([]), Tables.BadEvents), (PredictionColumns.From([]), Tables.Predictions), (QualityColumns.From([]), Tables.Quality),
        })
            Assert.Equal(table.Columns.Select(c => c.Name).Order(StringComparer.Ordinal), batch.Schema.FieldsList.Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void FaultyRows_AreNamed()
    {
        Assert.Throws<ArgumentException>(() => EventColumns.From(LakeSamples.Events(2, 4), [true]));
        Assert.Throws<ArgumentException>(() => SessionColumns.From([LakeSamples.Sessions(1, 4)[0] with { Metrics = [1] }]));
        Assert.Throws<InvalidDataException>(() => SessionColumns.Read(EventColumns.From(LakeSamples.Events(2, 4), [])));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(-86_400_000_000, -1)]
    [InlineData(-86_400_000_001, -2)]
    [InlineData(86_399_999_999, 0)]
    [InlineData(86_400_000_000, 1)]
    public void DayOfAnInstant_IsItsUtcDay(long micros, int day) => Assert.Equal(day, EpochDays.Of(micros));

    private async Task<T[]> ThroughTableAsync<T>(TableSchema schema, RecordBatch batch, Func<RecordBatch, T[]> read)
    {
        var store = new LocalObjectStore(_folder.Path, flush: false);
        var table = await DeltaTable.CreateOrOpenAsync(store, schema.Name, schema, Cancel);
        await table.AppendAsync([batch], (DeltaTransaction?)null, Cancel);
        Assert.Equal(schema.Columns.Count, table.Schema.Columns.Count);
        var rows = new List<T>();
        await foreach (var part in table.ReadAsync(Cancel))
            using (part)
                rows.AddRange(read(part));
        return [.. rows];
    }
}
