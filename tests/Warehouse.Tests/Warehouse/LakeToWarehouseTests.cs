using Media.Bandit;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Tests.Jobs;
using Media.Tests.Lake;
using Media.Warehouse;
using Microsoft.Extensions.Time.Testing;

namespace Media.Tests.Warehouse;

public sealed class LakeToWarehouseTests(TestWarehouse tests) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RebuiltWarehouse_AgreesWithTheLakeByEveryBrandAndDay()
    {
        var (lake, events, sessions) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        for (var time = 0; time < 2; time++)
        {
            var loaded = await both.RebuildAsync(_ => { }, Cancel);
            Assert.Equal((events.Count, sessions.Count), (loaded["events"], loaded["sessions"]));
            Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
            Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
        }
    }

    [Theory]
    [InlineData("ALTER TABLE sessions DELETE WHERE session_id = (SELECT min(session_id) FROM sessions)")]
    [InlineData("ALTER TABLE sessions UPDATE duration_s = duration_s + 1 WHERE session_id = (SELECT min(session_id) FROM sessions)")]
    [InlineData("INSERT INTO sessions SELECT * FROM sessions LIMIT 1")]
    [InlineData("ALTER TABLE events DELETE WHERE event_type = 'ad_click'")]
    [InlineData("ALTER TABLE events UPDATE scroll_depth = 1 WHERE event_id = (SELECT min(event_id) FROM events WHERE event_type = 'article_view')")]
    public async Task DifferingRow_IsFoundAndRepairedWithTheViews(string harm)
    {
        var (lake, events, sessions) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        await warehouse.ExecuteAsync($"{harm}{(harm.StartsWith("ALTER", StringComparison.Ordinal) ? " SETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1" : "")}", Cancel);

        var differences = await both.ReconcileAsync(_ => { }, Cancel);
        Assert.NotEmpty(differences);
        Assert.All(differences, d => Assert.NotEqual(d.Lake, d.Warehouse));
        await both.RepairAsync(differences, _ => { }, Cancel);

        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
        Assert.Equal(sessions.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(sessions)) FROM country_day", Cancel));
    }

    [Theory]
    [InlineData("article_5m", "TRUNCATE TABLE article_5m")]
    [InlineData("brand_day", "ALTER TABLE brand_day DELETE WHERE brand = (SELECT min(brand) FROM brand_day) SETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1")]
    [InlineData("counter_minute", "INSERT INTO counter_minute SELECT * FROM counter_minute")]
    public async Task ViewThatTellsOtherSums_IsFoundAndRepaired(string view, string harm)
    {
        var (lake, events, sessions) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        await warehouse.ExecuteAsync(harm, Cancel);

        var differences = await both.ReconcileAsync(_ => { }, Cancel);
        Assert.NotEmpty(differences);
        Assert.All(differences, d => Assert.Equal(view, d.Table));
        await both.RepairAsync(differences, _ => { }, Cancel);

        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
        Assert.Equal(events.Count(e => e is ArticleView), await warehouse.ScalarAsync<long>("SELECT toInt64(sum(views)) FROM article_5m", Cancel));
        Assert.Equal(sessions.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(sessions)) FROM brand_day", Cancel));
    }

    /// <summary>Of features, predictions, actions and decisions the lake has every row that was, the warehouse the one that stays.</summary>
    [Theory]
    [InlineData("predictions", "ALTER TABLE predictions DELETE WHERE score < 0.5 SETTINGS mutations_sync = 1")]
    [InlineData("predictions", "ALTER TABLE predictions UPDATE score = score + 1 WHERE output = 0 SETTINGS mutations_sync = 1")]
    [InlineData("decisions", "TRUNCATE TABLE decisions")]
    [InlineData("decisions", "INSERT INTO decisions SELECT 'another', bandit, user_id, arm, propensity, policy_version, decided_at, context, event_date FROM decisions LIMIT 1")]
    public async Task RowThatIsReplaced_IsComparedAndRepaired(string table, string harm)
    {
        var (lake, _, _) = await MakeLakeAsync();
        var predictions = await DeltaTable.CreateOrOpenAsync(lake, "predictions", Media.Lake.Tables.Predictions, Cancel);
        var asOf = DateTimeOffset.UnixEpoch.AddDays(20_000);
        // The second answer to each question stays, whichever comes first.
        foreach (var scored in new[] { 2, 1 })
            await predictions.AppendAsync([PredictionColumns.From([.. Enumerable.Range(0, 20).Select(i => new Prediction("churn", "1", new UserId($"u{i}"), Micros(asOf), 0, i / 20.0 + scored / 100.0, Micros(asOf.AddHours(scored))))])], transaction: null, Cancel);
        var decisions = await DeltaTable.CreateOrOpenAsync(lake, "decisions", Media.Lake.Tables.Decisions, Cancel);
        for (var time = 0; time < 2; time++)
            await decisions.AppendAsync([DecisionColumns.From([.. Enumerable.Range(0, 5).Select(i => new LoggedDecision($"d{i}", "hero", "u1", "a", 0.5, "1", Micros(asOf.AddDays(i))))])], transaction: null, Cancel);
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
        Assert.Equal(20, await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM predictions FINAL WHERE scored_at > '2024-10-04 01:30:00'", Cancel));
        await warehouse.ExecuteAsync(harm, Cancel);

        var differences = await both.ReconcileAsync(_ => { }, Cancel);
        Assert.NotEmpty(differences);
        Assert.All(differences, d => Assert.Equal(table, d.Table));
        await both.RepairAsync(differences, _ => { }, Cancel);
        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
        Assert.Empty(await UnfinishedWork.ReadAsync(warehouse, Cancel));

        static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>The views keep the sums of events that are gone by age: only the lake still tells what they must be.</summary>
    [Theory]
    [InlineData("article_5m", "TRUNCATE TABLE article_5m")]
    [InlineData("segment_hour", "INSERT INTO segment_hour SELECT * FROM segment_hour")]
    [InlineData("ad_slot_day", "INSERT INTO ad_slot_day SELECT event_date, ad_slot, brand, 0, 0, 0.01 FROM ad_slot_day LIMIT 1")]
    [InlineData("counter_minute", "INSERT INTO counter_minute SELECT minute, brand, event_type, 1, 0 FROM counter_minute LIMIT 1")]
    public async Task SumsOfEventsGoneByAge_AreHeldAgainstTheLake(string view, string harm)
    {
        var (lake, events, _) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        await new LakeToWarehouse(warehouse, lake).RebuildAsync(_ => { }, Cancel);
        await warehouse.ExecuteAsync("TRUNCATE TABLE events", Cancel);
        var later = new LakeToWarehouse(warehouse, lake, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(LakeToWarehouse.EventsStayDays + 1)));
        Assert.Empty(await later.ReconcileAsync(_ => { }, Cancel));
        await warehouse.ExecuteAsync(harm, Cancel);

        var differences = await later.ReconcileAsync(_ => { }, Cancel);
        Assert.NotEmpty(differences);
        Assert.All(differences, d => Assert.Equal(view, d.Table));
        await later.RepairAsync(differences, _ => { }, Cancel);
        Assert.Empty(await later.ReconcileAsync(_ => { }, Cancel));
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
    }

    /// <summary>What is noted before anything is taken away, and what is said of it, wherever the work is cut short.</summary>
    [Fact]
    public async Task RebuildOrRepairCutShort_IsNotedAndFinishedByARepair()
    {
        var (lake, events, sessions) = await MakeLakeAsync();
        var database = TestWarehouse.NewDatabase();
        using var warehouse = await tests.OpenAsync(database);
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        Assert.Empty(await UnfinishedWork.ReadAsync(warehouse, Cancel));

        await Assert.ThrowsAsync<OperationCanceledException>(() => both.RebuildAsync(rows => { if (rows >= events.Count + 1) throw new OperationCanceledException(); }, Cancel));
        var rebuild = Assert.Single(await UnfinishedWork.ReadAsync(warehouse, Cancel));
        Assert.True(rebuild.IsOfWhole);
        Assert.StartsWith("a rebuild of the warehouse, begun 20", rebuild.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(await both.ReconcileAsync(_ => { }, Cancel));
        await both.RepairAsync([], _ => { }, Cancel);
        await AssertWholeAsync();

        // Killed while tables are dropped: the note outlives them, and the next one makes what is missing.
        await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Rebuild, "", null, Cancel);
        await Migrations.DropAsync(warehouse, Cancel);
        Assert.NotEmpty(await both.ReconcileAsync(_ => { }, Cancel));
        Assert.True(Assert.Single(await UnfinishedWork.ReadAsync(warehouse, Cancel)).IsOfWhole);
        await both.RepairAsync([], _ => { }, Cancel);
        await AssertWholeAsync();

        var month = await warehouse.ScalarAsync<string>("SELECT toString(toStartOfMonth(min(event_date))) FROM sessions", Cancel);
        await warehouse.ExecuteAsync("TRUNCATE TABLE country_day", Cancel);
        var differences = await both.ReconcileAsync(_ => { }, Cancel);
        await Assert.ThrowsAsync<OperationCanceledException>(() => both.RepairAsync(differences, _ => throw new OperationCanceledException(), Cancel));
        var repair = Assert.Single(await UnfinishedWork.ReadAsync(warehouse, Cancel));
        Assert.Equal(("sessions", month), (repair.Table, repair.Month!.Value.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
        await both.RepairAsync(await both.ReconcileAsync(_ => { }, Cancel), _ => { }, Cancel);
        await AssertWholeAsync();

        async Task AssertWholeAsync()
        {
            Assert.Empty(await UnfinishedWork.ReadAsync(warehouse, Cancel));
            Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
            Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
            Assert.Equal(sessions.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(sessions)) FROM country_day", Cancel));
        }
    }

    [Fact]
    public async Task LakeThatIsNotThere_LeavesTheWarehouseAsItIs()
    {
        var (lake, events, _) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        await new LakeToWarehouse(warehouse, lake).RebuildAsync(_ => { }, Cancel);
        using var elsewhere = new TemporaryFolder();
        var other = new LakeToWarehouse(warehouse, new LocalObjectStore(elsewhere.Path));

        var refused = await Assert.ThrowsAsync<WarehouseException>(() => other.ReconcileAsync(_ => { }, Cancel));
        Assert.Contains("no table 'events'", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WarehouseException>(() => other.RebuildAsync(_ => { }, Cancel));
        await Assert.ThrowsAsync<WarehouseException>(() => other.RepairAsync([new DayDifference("events", "welt", DateOnly.MinValue, default, new DayRows(1, 1))], _ => { }, Cancel));
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM events", Cancel));
    }

    [Fact]
    public async Task MissingEvents_CountAsLetGoOnlyWhenTheyCameLongEnoughAgo()
    {
        var (lake, _, _) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        await new LakeToWarehouse(warehouse, lake).RebuildAsync(_ => { }, Cancel);
        Assert.Contains($"toIntervalDay({LakeToWarehouse.EventsStayDays})", await warehouse.ScalarAsync<string>("SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'events'", Cancel), StringComparison.Ordinal);
        const string Day = "(event_date, brand) = (SELECT event_date, brand FROM events GROUP BY 1, 2 ORDER BY count() DESC, 1, 2 LIMIT 1)", Now = " SETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1";
        var half = await warehouse.ScalarAsync<string>($"SELECT toString(median(event_time)) FROM events WHERE {Day}", Cancel);
        // Half of a brand's day, and all of it.
        foreach (var gone in new[] { $"{Day} AND event_time < '{half}'", "(event_date, brand) = (SELECT event_date, brand FROM loaded_day GROUP BY 1, 2 ORDER BY sum(events) DESC, 1, 2 LIMIT 1)" })
        {
            await warehouse.ExecuteAsync($"ALTER TABLE events DELETE WHERE {gone}{Now}", Cancel);
            Assert.Single(await In(days: 0).ReconcileAsync(_ => { }, Cancel));
            Assert.Single(await In(LakeToWarehouse.EventsStayDays - 2).ReconcileAsync(_ => { }, Cancel));
            Assert.Empty(await In(LakeToWarehouse.EventsStayDays + 1).ReconcileAsync(_ => { }, Cancel));
        }
        // Sessions never go, and what is too much is never right.
        await warehouse.ExecuteAsync("INSERT INTO events SELECT * FROM events LIMIT 1", Cancel);
        Assert.Single(await In(LakeToWarehouse.EventsStayDays + 1).ReconcileAsync(_ => { }, Cancel));

        LakeToWarehouse In(int days) => new(warehouse, lake, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days)));
    }

    [Fact]
    public async Task WarehouseOfTheFormerSchema_KnowsWhatItHadAndWhatIsGone()
    {
        var (lake, _, _) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        await warehouse.ExecuteAsync("ALTER TABLE events DELETE WHERE event_date = (SELECT min(event_date) FROM events) SETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1", Cancel);
        await warehouse.ExecuteAsync("DROP VIEW loaded_day_of_events SYNC", Cancel);
        await warehouse.ExecuteAsync("DROP TABLE loaded_day SYNC", Cancel);
        await warehouse.ExecuteAsync("ALTER TABLE schema_migrations DELETE WHERE version >= 4 SETTINGS mutations_sync = 1", Cancel);

        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
        await warehouse.ExecuteAsync("ALTER TABLE events DELETE WHERE event_date = (SELECT max(event_date) FROM events) SETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1", Cancel);
        Assert.NotEmpty(await both.ReconcileAsync(_ => { }, Cancel));
    }

    [Fact]
    public async Task Reconcile_WithoutLakeOrWarehouse_RefusesAndMakesNothing()
    {
        var folder = Path.Combine(_folder.Path, "typo");
        foreach (var args in new[] { new[] { "reconcile", "--out", folder }, ["reconcile", "--repair", "--out", folder] })
        {
            var run = await JobsRun.Of(args);
            Assert.Equal(1, run.Exit);
            Assert.Contains("There is no lake in", run.Errors, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder));
        }
        await DeltaTable.CreateOrOpenAsync(new LocalObjectStore(Path.Combine(folder, "lake")), "events", Media.Lake.Tables.Events, Cancel);
        Assert.Contains("There is no warehouse in", (await JobsRun.Of("reconcile", "--out", folder)).Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "warehouse")));
    }

    [Fact]
    public async Task BlockSentAgain_AddsNothingToTableAndViews()
    {
        var (events, sessions) = SimulatedWarehouse.Simulate(users: 40, days: 61);
        using var warehouse = await tests.OpenWithTablesAsync();
        var seen = new List<string>();
        for (var time = 0; time < 3; time++)
        {
            await SimulatedWarehouse.LoadAsync(warehouse, events, sessions, Cancel);
            seen.Add(await warehouse.ScalarAsync<string>("""
                SELECT toString((
                    (SELECT count() FROM events), (SELECT count() FROM sessions), (SELECT sum(events) FROM counter_minute), (SELECT sum(views) FROM article_5m),
                    (SELECT sum(impressions) FROM segment_hour), (SELECT sum(clicks) FROM ad_slot_day), (SELECT sum(sessions) FROM country_day), (SELECT sum(sessions) FROM brand_day)))
                """, Cancel));
        }
        Assert.StartsWith($"({events.Count},{sessions.Count},{events.Count},", seen[0], StringComparison.Ordinal);
        Assert.Equal([seen[0], seen[0], seen[0]], seen);
    }

    /// <summary>The table took the block and died before its views did: sending it again is what completes them.</summary>
    [Fact]
    public async Task BlockThatOnlyTheTableHas_ReachesTheViewsWhenSentAgain()
    {
        var (events, sessions) = SimulatedWarehouse.Simulate(users: 20, days: 61);
        using var warehouse = await tests.OpenWithTablesAsync();
        var create = await warehouse.ScalarAsync<string>("SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'counter_minute_of_events'", Cancel);
        await warehouse.ExecuteAsync("DROP VIEW counter_minute_of_events SYNC", Cancel);
        await SimulatedWarehouse.LoadAsync(warehouse, events, sessions, Cancel);
        await warehouse.ExecuteAsync(create, Cancel);
        Assert.Equal(0, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));

        await SimulatedWarehouse.LoadAsync(warehouse, events, sessions, Cancel);
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM events", Cancel));
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
        Assert.Equal(events.Count(e => e is ArticleView), await warehouse.ScalarAsync<long>("SELECT toInt64(sum(views)) FROM article_5m", Cancel));
    }

    /// <summary>More than the hundred partitions that ClickHouse takes a block without being told.</summary>
    [Fact]
    public async Task EventsOfManyMonths_AreLoadedInOneBlock()
    {
        const int Months = 240;
        var (events, _) = SimulatedWarehouse.Simulate(users: 1, days: 10);
        var lake = new LocalObjectStore(_folder.Path);
        var table = await DeltaTable.CreateOrOpenAsync(lake, "events", Media.Lake.Tables.Events, Cancel);
        await table.AppendAsync([EventColumns.From([.. Enumerable.Range(0, Months).Select(month => new ConsumedEvent(events[0] with { EventTimeMicros = (new DateTimeOffset(2003, 5, 6, 7, 8, 9, default).AddMonths(month) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond }, 0, month))], [])], transaction: null, Cancel);
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        Assert.Equal(Months, await warehouse.ScalarAsync<int>("SELECT toInt32(uniqExact(toYYYYMM(minute))) FROM counter_minute", Cancel));
        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
    }

    [Fact]
    public async Task ColumnOfAnotherType_IsNamed()
    {
        var (lake, _, _) = await MakeLakeAsync();
        using var warehouse = await tests.OpenAsync();
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RebuildAsync(_ => { }, Cancel);
        await warehouse.ExecuteAsync("ALTER TABLE sessions MODIFY COLUMN page_views Nullable(Int32) CODEC(NONE) SETTINGS mutations_sync = 1", Cancel);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => both.ReconcileAsync(_ => { }, Cancel));
        Assert.Contains("'page_views' of table 'sessions'", refused.Message, StringComparison.Ordinal);
    }

    private async Task<(LocalObjectStore Lake, IReadOnlyList<MediaEvent> Events, IReadOnlyList<Session> Sessions)> MakeLakeAsync()
    {
        var lake = new LocalObjectStore(_folder.Path);
        var (events, sessions) = SimulatedWarehouse.Simulate(users: 30, days: 61);
        var table = await DeltaTable.CreateOrOpenAsync(lake, "events", Media.Lake.Tables.Events, Cancel);
        await table.AppendAsync([EventColumns.From([.. events.Select((e, i) => new ConsumedEvent(e, i % 3, i))], [])], transaction: null, Cancel);
        table = await DeltaTable.CreateOrOpenAsync(lake, "sessions", Media.Lake.Tables.Sessions, Cancel);
        await table.AppendAsync([SessionColumns.From(sessions)], transaction: null, Cancel);
        table = await DeltaTable.CreateOrOpenAsync(lake, "bad_events", Media.Lake.Tables.BadEvents, Cancel);
        await table.AppendAsync([BadEventColumns.From([new BadEvent(BadEventReason.Undecodable, null, new byte[] { 0, 0xFF, (byte)'\'' }, DateTimeOffset.UnixEpoch.AddDays(20_000), 0, 1)])], transaction: null, Cancel);
        return (lake, events, sessions);
    }
}
