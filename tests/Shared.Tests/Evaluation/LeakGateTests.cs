using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

public class LeakGateTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly Dictionary<string, IReadOnlyList<string>> Groups = new()
    {
        ["recency"] = ["days_since_last_visit", "age_days"], ["frequency"] = ["visits_7d", "visits_28d", "visits"], ["depth"] = ["mean_minutes"],
    };

    private static LeakReport Check((LabelledRows Train, LabelledRows Test) rows, Func<FeatureBatch, FeatureBatch>? recompute, Func<LeakGateInput, LeakGateInput>? with = null, LabelKind kind = LabelKind.YesNo, LeakGateOptions? options = null)
    {
        var input = new LeakGateInput
        {
            Estimator = kind == LabelKind.YesNo ? new PlainLogistic("churn", rows.Train.X.Names) : new PlainLine("visits", rows.Train.X.Names), Kind = kind, Train = rows.Train, Test = rows.Test, Groups = Groups, Recompute = recompute,
            Stores = [new StoreCount("lake", 5_000, 5_000), new StoreCount("warehouse", 5_000, 5_000)], NoSignal = new NoSignalOrder(kind == LabelKind.YesNo ? 0.503 : 0.01, 5_000),
        };
        return LeakGate.Check(with?.Invoke(input) ?? input, options ?? new LeakGateOptions(), Cancel);
    }

    private static string[] Failed(LeakReport report) => [.. report.Checks.Where(c => c.Verdict == LeakVerdict.Failed).Select(c => c.Name)];

    [Theory]
    [InlineData(LabelKind.YesNo)]
    [InlineData(LabelKind.Amount)]
    public void HonestRows_TwentySeeds_NoFalseAlarm(LabelKind kind)
    {
        var alarms = new List<string>();
        for (var seed = 1; seed <= 20; seed++)
        {
            var world = new ReaderWorld(seed);
            var report = Check(ReaderWorld.Cut(world.Rows(kind)), world.Recompute, kind: kind);
            if (!report.Passed) alarms.Add($"seed {seed}: {report}");
            Assert.DoesNotContain(report.Checks, c => c.Verdict == LeakVerdict.NotRun);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"false alarms: {alarms.Count} of 20");
        Assert.Empty(alarms);
    }

    public static TheoryData<string, LabelKind> Leaks => new(
        from leak in (string[])["label copied", "label + noise", "future aggregate", "future aggregate with an honest stamp", "target mean over test", "duplicate rows across the split", "post-label counter", "id ordered by label", "leaking join"]
        from kind in Enum.GetValues<LabelKind>()
        select (leak, kind));

    [Theory, MemberData(nameof(Leaks))]
    public void PlantedLeak_Caught(string leak, LabelKind kind)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var world = new ReaderWorld(seed);
            var (rows, expected) = Plant(leak, world, world.Rows(kind));
            var report = Check(rows, asked => Rebuilt(world, asked), kind: kind);
            Assert.False(report.Passed);
            foreach (var check in expected) Assert.Contains(check, Failed(report));
        }
    }

    [Theory]
    [InlineData("mean_minutes_overall")]
    [InlineData("visits_today")]
    public void ColumnOfTheWholeHistory_FailsByItsValuesAndPassesWhenCutAtAsOf(string column)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var world = new ReaderWorld(seed);
            var rows = world.Rows();
            var honest = Rebuilt(world, rows.X).Select([column]).Values;
            var whole = rows.X.Entities.Select(u => OfHistory(column, world.History[u])).ToArray();

            var leaking = Check(ReaderWorld.Cut(ReaderWorld.WithColumn(rows, column, r => whole[r])), asked => Rebuilt(world, asked));
            Assert.Contains("recomputed", Failed(leaking));
            Assert.Matches($@"1 of 8 columns come out otherwise: {column} \(\d+ of \d+ rows\)", leaking.Checks[^1].Sentence);

            var report = Check(ReaderWorld.Cut(ReaderWorld.WithColumn(rows, column, r => honest[r])), asked => Rebuilt(world, asked));
            Assert.True(report.Passed, report.ToString());
        }
    }

    /// <summary>Rows from visits before as-of, with the two columns that leak when the visits are not cut: computed by the same line, so only the cut differs.</summary>
    private static FeatureBatch Rebuilt(ReaderWorld world, FeatureBatch asked)
    {
        var x = world.Recompute(asked);
        var values = Enumerable.Range(0, x.Rows).SelectMany(r =>
        {
            var before = world.History[x.Entities[r]].Where(v => v.AtMicros < x.AsOfMicros[r]).ToList();
            return (float[])[.. x.Row(r), OfHistory("mean_minutes_overall", before), OfHistory("visits_today", before)];
        }).ToArray();
        return new FeatureBatch([.. x.Names, "mean_minutes_overall", "visits_today"], x.Entities, x.AsOfMicros, x.LatestEventMicros, values);
    }

    private static float OfHistory(string column, List<ReaderWorld.Visit> visits) =>
        column == "visits_today" ? visits.Count : visits.Average(v => v.Minutes);

    /// <summary>The rows with the leak and the checks that must see it.</summary>
    private static ((LabelledRows, LabelledRows) Rows, string[] Checks) Plant(string leak, ReaderWorld world, LabelledRows rows)
    {
        var x = rows.X;
        var random = new Random(99);
        switch (leak)
        {
            case "label copied":
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "status", r => rows.Y[r])), ["single_feature", "recomputed"]);

            case "label + noise":
                // AUC 0.88 alone: no limit on single columns sees it without alarms over good ones.
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "mood", r => rows.Y[r] + 0.6f * (float)Normal(random))), ["recomputed"]);

            case "future aggregate":
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "mean_minutes_overall", r => OfHistory("mean_minutes_overall", world.History[x.Entities[r]]))), ["recomputed"]);

            case "future aggregate with an honest stamp":
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "mean_minutes_overall", r => OfHistory("mean_minutes_overall", world.History[x.Entities[r]]),
                    r => world.History[x.Entities[r]][^1].AtMicros)), ["point_in_time", "recomputed"]);

            case "target mean over test":
                var means = Enumerable.Range(0, rows.Rows).GroupBy(r => world.City[x.Entities[r]]).ToDictionary(g => g.Key, g => g.Average(r => rows.Y[r]));
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "city_rate", r => means[world.City[x.Entities[r]]])), ["label_mean", "recomputed"]);

            case "duplicate rows across the split":
                var (train, test) = ReaderWorld.Cut(rows);
                var copied = test.Take([.. Enumerable.Range(0, test.Rows).Where(r => r % 3 == 0)]);
                return ((new LabelledRows(FeatureBatch.Concat([train.X, copied.X]), [.. train.Y, .. copied.Y], [.. train.Windows, .. copied.Windows]), test), ["split"]);

            case "post-label counter":
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "visits_today", r => OfHistory("visits_today", world.History[x.Entities[r]]))), ["recomputed"]);

            case "id ordered by label":
                var ids = new float[rows.Rows];
                foreach (var (id, row) in Enumerable.Range(0, rows.Rows).OrderBy(r => x.AsOfMicros[r]).ThenBy(r => rows.Y[r]).Index()) ids[row] = id;
                return (ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "row_id", r => ids[r])), ["single_feature", "recomputed"]);

            case "leaking join":
                // Joined by user alone: every row of a user becomes the last one, and says so only in its stamp.
                var last = Enumerable.Range(0, rows.Rows).GroupBy(r => x.Entities[r]).ToDictionary(g => g.Key, g => g.Last());
                var joined = new FeatureBatch(x.Names, x.Entities, x.AsOfMicros, [.. x.Entities.Select(u => x.LatestEventMicros[last[u]])],
                    [.. x.Entities.SelectMany(u => x.Row(last[u]).ToArray())]);
                return (ReaderWorld.Cut(new LabelledRows(joined, rows.Y, rows.Windows)), ["point_in_time", "recomputed"]);

            default:
                throw new ArgumentException($"No leak '{leak}'.");
        }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    [Fact]
    public void ColumnAbsentOnlyForPositives_SingleFeature()
    {
        var world = new ReaderWorld(4);
        var rows = world.Rows();
        var report = Check(ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "plan", r => rows.Y[r] == 1 ? float.NaN : 3)), null);
        Assert.Contains("plan (AUC 1.000)", report.Checks[0].Sentence);
    }

    [Fact]
    public void ColumnFarFromZeroOnlyForPositives_SingleFeature()
    {
        var world = new ReaderWorld(4);
        var rows = world.Rows();
        var random = new Random(1);
        var report = Check(ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "delta", r => (rows.Y[r] * 5 + random.NextSingle()) * (random.Next(2) * 2 - 1))), null);
        Assert.Contains("delta (AUC 0.99", report.Checks[0].Sentence);
    }

    [Fact]
    public void LabelWithNoiseAmongWeakColumns_DominantFeature()
    {
        var world = new ReaderWorld(5);
        var random = new Random(2);
        var (train, test) = ReaderWorld.Cut(ReaderWorld.WithColumn(world.Rows(), "mood", _ => 0));
        var names = new[] { "coin", "age_days", "mood" };
        var report = Check((Weak(train), Weak(test)), null);
        Assert.Equal(["dominant_feature"], Failed(report));

        LabelledRows Weak(LabelledRows rows)
        {
            var x = rows.X.Select(names);
            for (var r = 0; r < x.Rows; r++) x.Values[r * 3 + 2] = rows.Y[r] + 0.6f * (float)Normal(random);
            return new LabelledRows(x, rows.Y, rows.Windows);
        }
    }

    [Fact]
    public void HonestColumnThatCarriesTheModel_ReportedWhenRebuilt_FailsWithoutProof()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var world = new ReaderWorld(seed);
            var names = new[] { "coin", "days_since_last_visit" };
            var rows = world.Rows();
            var (train, test) = ReaderWorld.Cut(new LabelledRows(rows.X.Select(names), rows.Y, rows.Windows));
            var proved = Check((train, test), world.Recompute);
            var dominant = proved.Checks.Single(c => c.Name == "dominant_feature");
            Assert.Equal(LeakVerdict.Reported, dominant.Verdict);
            Assert.Contains("days_since_last_visit is worth", dominant.Sentence, StringComparison.Ordinal);
            Assert.True(proved.Passed, proved.ToString());
            Assert.Equal(["dominant_feature"], Failed(Check((train, test), null)));
        }
    }

    [Fact]
    public void LabelWithNoiseAmongWeakColumns_RebuildingDoesNotClearIt()
    {
        var world = new ReaderWorld(5);
        var random = new Random(2);
        var rows = world.Rows();
        var weak = new LabelledRows(rows.X.Select(["coin", "age_days"]), rows.Y, rows.Windows);
        var report = Check(ReaderWorld.Cut(ReaderWorld.WithColumn(weak, "mood", r => rows.Y[r] + 0.6f * (float)Normal(random))), world.Recompute);
        Assert.Equal(["dominant_feature", "recomputed"], Failed(report));
    }

    [Fact]
    public void ListedColumn_ExcusedAndReasonKept()
    {
        var world = new ReaderWorld(6);
        var rows = world.Rows();
        var report = Check(ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "early_views", r => rows.Y[r] * 5 + r % 5)), null,
            input => input with { Exceptions = new Dictionary<string, string> { ["early_views"] = "the first hour is known when the row is scored" } });
        Assert.True(report.Passed, report.ToString());
        Assert.Equal("the first hour is known when the row is scored", report.Exceptions["early_views"]);
    }

    /// <summary>Two pairs, as quick runs have them, spread so uncertainly that only the bound on what is excused catches anything.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void EstimatorThatKnowsTheTestLabels_ShuffledLabels(int pairs)
    {
        var world = new ReaderWorld(7);
        var rows = ReaderWorld.Cut(world.Rows());
        var known = rows.Test.X.Entities.Zip(rows.Test.Y).ToDictionary(p => p.First, p => p.Second);
        var report = Check(rows, world.Recompute, input => input with { Estimator = new Oracle(input.Estimator, known) }, options: new LeakGateOptions { ShufflePairs = pairs });
        Assert.Contains("shuffled_labels", Failed(report));
    }

    [Fact]
    public void OneStrongColumn_ShuffledLabelsStaysQuiet()
    {
        // A single fit on shuffled labels scores near 0.1 or 0.9 here, by the sign chance gave to the one column that matters.
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var rows = new ReaderWorld(seed, users: 300).Rows();
            var strong = ReaderWorld.Cut(ReaderWorld.WithColumn(rows, "strong", r => rows.Y[r] + 0.5f * (float)Normal(random)));
            Assert.Equal(LeakVerdict.Passed, Check(strong, null).Checks.Single(c => c.Name == "shuffled_labels").Verdict);
        }
    }

    [Fact]
    public void DuplicatedSessionsAndSignalFromNothing_Fail()
    {
        var rows = ReaderWorld.Cut(new ReaderWorld(8).Rows());
        var report = Check(rows, null, input => input with { Stores = [new StoreCount("lake", 10, 9)], NoSignal = new NoSignalOrder(0.53, 5_000) });
        Assert.Equal(["session_ids", "no_signal"], Failed(report));
    }

    [Theory]
    [InlineData(LabelKind.Amount, 0.10, 600, true)]
    [InlineData(LabelKind.Amount, 0.15, 600, false)]
    [InlineData(LabelKind.Amount, -0.15, 600, false)]
    [InlineData(LabelKind.Amount, 0.10, 6_000, false)]
    [InlineData(LabelKind.Amount, 0.05, 1_000_000, false)]
    [InlineData(LabelKind.YesNo, 0.53, 600, true)]
    [InlineData(LabelKind.YesNo, 0.57, 600, false)]
    [InlineData(LabelKind.YesNo, 0.53, 6_000, false)]
    [InlineData(LabelKind.YesNo, 0.475, 1_000_000, false)]
    public void SignalFromNothing_MayLieAsFarFromChanceAsSoManyListsDo(LabelKind kind, double order, int lists, bool passes)
    {
        var world = new ReaderWorld(8);
        var report = Check(ReaderWorld.Cut(world.Rows(kind)), world.Recompute, input => input with { NoSignal = new NoSignalOrder(order, lists) }, kind);
        Assert.Equal(passes ? [] : ["no_signal"], Failed(report));
    }

    [Fact]
    public void NoSignalOrder_CountsListsNotRows()
    {
        var x = new FeatureBatch(["a"], ["t1", "t1", "t2", "t2", "t1"], [5, 5, 5, 5, 6], [1, 1, 1, 1, 1], [1, 2, 1, 2, 3]);
        var order = NoSignalOrder.Of(LabelKind.Amount, [1, 2, 1, 2, 3], LabelledRows.Of(x, [1, 2, 1, 2, 3], TimeSpan.FromDays(1)));
        Assert.Equal(3, order.Lists);
        Assert.Equal(1, order.Order, 9);
    }

    [Fact]
    public void NoSignalOrder_WhatTheTruthExpectsIsNoSignal()
    {
        var random = new Random(3);
        double[] truth = [.. Enumerable.Range(0, 4_000).Select(i => (double)(i % 40))];
        float[] y = [.. truth.Select(t => (float)(t + 10 * random.NextDouble()))];
        long[] at = [.. truth.Select((_, i) => (long)i + 1)];
        var test = LabelledRows.Of(new FeatureBatch(["a"], [.. at.Select(t => $"e{t}")], at, [.. at.Select(t => t - 1)], new float[at.Length]), y, TimeSpan.FromDays(1));
        Assert.True(NoSignalOrder.Of(LabelKind.Amount, truth, test).Order > 0.9);
        double[] honest = [.. truth.Select(t => t + 10 * random.NextDouble())];
        Assert.Equal(0, NoSignalOrder.Of(LabelKind.Amount, honest, test, truth).Order, 0.1);
        double[] leaking = [.. y.Select(label => (double)label)];
        Assert.True(NoSignalOrder.Of(LabelKind.Amount, leaking, test, truth).Order > 0.9);
    }

    [Fact]
    public void NothingOptionalGiven_NotRunIsNamedNotPassed()
    {
        var rows = ReaderWorld.Cut(new ReaderWorld(8).Rows());
        var report = Check(rows, null, input => input with { Stores = [], NoSignal = null, Groups = new Dictionary<string, IReadOnlyList<string>>() });
        Assert.True(report.Passed);
        Assert.Equal("No leak found; not run: group_ablation, session_ids, no_signal, recomputed.", report.ToString());
    }

    [Fact]
    public void TestNotLater_OpenLabels_Split()
    {
        var (train, test) = ReaderWorld.Cut(new ReaderWorld(9).Rows());
        Assert.Contains("not earlier", Check((test, train), null).Checks.Single(c => c.Name == "split").Sentence);
        var longer = new LabelledRows(train.X, train.Y, [.. train.Windows.Select(w => new LabelWindow(w.StartMicros, w.EndMicros + ReaderWorld.Horizon))]);
        Assert.Contains("reach past", Check((longer, test), null).Checks.Single(c => c.Name == "split").Sentence);
    }

    [Fact]
    public void EstimatorThatKnowsTheAmounts_ShuffledLabels()
    {
        var world = new ReaderWorld(7);
        var rows = ReaderWorld.Cut(world.Rows(LabelKind.Amount));
        var known = rows.Test.X.Entities.Zip(rows.Test.Y).ToDictionary(p => p.First, p => p.Second);
        Assert.Contains("shuffled_labels", Failed(Check(rows, world.Recompute, input => input with { Estimator = new Oracle(input.Estimator, known) }, LabelKind.Amount)));
    }

    [Fact]
    public void SameInputAndSeed_SameReport()
    {
        var world = new ReaderWorld(10);
        var rows = ReaderWorld.Cut(world.Rows());
        Assert.Equal(Check(rows, world.Recompute).Checks, Check(rows, world.Recompute).Checks);
    }

    [Fact]
    public void RecomputeOfOtherRows_Refused()
    {
        var rows = ReaderWorld.Cut(new ReaderWorld(11).Rows());
        Assert.Throws<ArgumentException>(() => Check(rows, _ => rows.Test.X));
    }

    private sealed class Oracle(IEstimator inner, Dictionary<string, float> known) : IEstimator
    {
        public string Name => inner.Name;
        public IReadOnlyList<string> Features => inner.Features;
        public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => new Model(inner.Fit(x, y, cancel), known);
        public IModel Load(Stream saved) => inner.Load(saved);

        private sealed class Model(IModel inner, Dictionary<string, float> known) : IModel
        {
            public IReadOnlyList<string> Features => inner.Features;
            public int Outputs => 1;

            public void Predict(FeatureBatch x, Span<double> scores)
            {
                inner.Predict(x, scores);
                for (var r = 0; r < x.Rows; r++) scores[r] += 0.2 * known.GetValueOrDefault(x.Entities[r]);
            }

            public void Save(Stream to) => inner.Save(to);
        }
    }
}
