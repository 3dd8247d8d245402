using System.Globalization;
using System.Runtime.InteropServices;
using Media.Events;
using Media.Features;
using Media.Models;

namespace Media.Evaluation;

/// <summary>The checks of <see cref="LeakGate"/>, one method each.</summary>
internal static class LeakChecks
{
    // Rows of events are each as of an instant of their own: then blocks of time stand for instants.
    private const int FewestAtAnInstant = 20;
    private const int Blocks = 10;

    /// <summary>No column alone tells the labels: in train, in test, within one as-of instant, in either direction, absent values
    /// put at either end, and as twenty bins learned on train. Row order and entity order count as columns.</summary>
    internal static LeakCheck SingleFeature(LeakMeasure measure, LabelledRows train, LabelledRows test, IReadOnlyDictionary<string, string> exceptions, LeakGateOptions options, CancellationToken cancel)
    {
        List<string> names = [.. train.X.Names, "(row order)", "(entity order)"];
        var (most, strength) = (measure.MostAlone(options), new double[names.Count]);
        var trainParts = ByAsOf(train);
        var testParts = ByAsOf(test);
        Parallel.For(0, names.Count, new ParallelOptions { CancellationToken = cancel }, f =>
        {
            var (onTrain, onTest) = (Column(train.X, f), Column(test.X, f));
            strength[f] = Math.Max(Strongest(measure, onTrain, train.Y, trainParts), Strongest(measure, onTest, test.Y, testParts));
            if (f < train.X.Names.Count) strength[f] = Math.Max(strength[f], Binned(measure, onTrain, train.Y, onTest, test.Y));
        });
        var suspects = Enumerable.Range(0, names.Count).Where(f => strength[f] > most && !exceptions.ContainsKey(names[f]))
            .OrderByDescending(f => strength[f]).Select(f => $"{names[f]} ({measure.Word} {strength[f]:0.000})").ToList();
        var best = Enumerable.Range(0, names.Count).MaxBy(f => strength[f]);
        return new LeakCheck("single_feature", suspects.Count == 0 ? LeakVerdict.Passed : LeakVerdict.Failed, strength[best], suspects.Count == 0
            ? $"The strongest single column, {names[best]}, reaches {measure.Word} {strength[best]:0.000}; the limit is {most:0.00}."
            : $"Alone above {measure.Word} {most:0.00}: {string.Join(", ", suspects)}; remove them or list each with a reason.");
    }

    /// <summary>No column's values are the mean labels of the rows that carry them: a target encoding that saw the labels it predicts.</summary>
    internal static LeakCheck LabelMean(LabelledRows train, LabelledRows test, IReadOnlyDictionary<string, string> exceptions)
    {
        var found = new List<string>();
        for (var f = 0; f < train.X.Names.Count; f++)
        {
            if (exceptions.ContainsKey(train.X.Names[f])) continue;
            var sums = new Dictionary<float, LabelSum>[] { [], [], [] };
            Collect(train, sums[0], sums[2]);
            Collect(test, sums[1], sums[2]);
            if (sums.Any(IsLabelMean)) found.Add(train.X.Names[f]);

            void Collect(LabelledRows rows, params Dictionary<float, LabelSum>[] into)
            {
                for (var row = 0; row < rows.Rows; row++)
                    foreach (var groups in into)
                    {
                        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, rows.X.Values[row * rows.X.Names.Count + f], out _);
                        group = group.With(rows.Y[row]);
                    }
            }
        }
        return new LeakCheck("label_mean", found.Count == 0 ? LeakVerdict.Passed : LeakVerdict.Failed, found.Count, found.Count == 0
            ? "No column's values are mean labels of the rows that carry them."
            : $"The values of {string.Join(", ", found)} are the mean labels of the very rows that carry them.");

        // Five different means that all fit are no accident; groups whose labels are all alike are left out since flags share them.
        static bool IsLabelMean(Dictionary<float, LabelSum> groups)
        {
            var fitting = 0;
            foreach (var (value, labels) in groups)
            {
                if (labels.Rows < 2) continue;
                if (!(Math.Abs(labels.Sum / labels.Rows - value) <= 1e-5 * Math.Max(1, Math.Abs(value)))) return false;
                if (labels.Least < labels.Most) fitting++;
            }
            return fitting >= 5;
        }
    }

    /// <summary>Fitted on labels shuffled within each as-of instant, the estimator must not predict the true test labels.</summary>
    /// <remarks>
    /// One shuffled fit proves little: by chance it may follow or oppose a strong honest column and score far from chance either way. So each
    /// shuffle is fitted twice, as it is and mirrored (<see cref="LeakMeasure.Mirrored"/>), which cancels that; the mean of the pairs is tested. A leak past the
    /// arguments keeps its direction under the mirror and stays. Allowed: 3/√n, n being the number of independent rows of a balanced test of the same
    /// precision, or what the spread between pairs makes likely once in a thousand, whichever is more; never more than half of what would be perfect, however few the pairs are.
    /// </remarks>
    internal static LeakCheck ShuffledLabels(LeakMeasure measure, IEstimator estimator, LabelledRows train, LabelledRows test, LeakGateOptions options, CancellationToken cancel)
    {
        var parts = ByAsOf(train);
        var seeder = new Random(options.Seed);
        var pairs = new double[options.ShufflePairs];
        for (var pair = 0; pair < pairs.Length; pair++)
        {
            var random = new Random(seeder.Next());
            var y = (float[])train.Y.Clone();
            foreach (var rows in parts)
            {
                var shuffled = rows.Select(r => train.Y[r]).ToArray();
                random.Shuffle(shuffled);
                for (var i = 0; i < rows.Length; i++) y[rows[i]] = shuffled[i];
            }
            foreach (var labels in (float[][])[y, measure.Mirrored(y, random)])
                pairs[pair] += measure.Order(ModelEvaluation.Score(estimator.Fit(train.X, labels, cancel), test.X), test.Y) / 2;
        }
        var mean = pairs.Average();
        var spread = Math.Sqrt(pairs.Sum(p => (p - mean) * (p - mean)) / (pairs.Length - 1) / pairs.Length);
        var repeated = Math.Sqrt((double)test.Rows / test.X.Entities.Distinct(StringComparer.Ordinal).Count());
        var allowed = Math.Min(Math.Max(measure.OrderAllowed(test.Y) * repeated, StudentT(pairs.Length - 1) * spread), measure.OrderMostAllowed);
        var passed = Math.Abs(mean - measure.OrderChance) <= allowed;
        return new LeakCheck("shuffled_labels", passed ? LeakVerdict.Passed : LeakVerdict.Failed, mean,
            $"Fitted on shuffled labels, mean {measure.OrderWord} {mean:0.000} over {2 * pairs.Length} fits; chance is {measure.OrderChance:0.0} ± {allowed:0.000}."
            + (passed ? "" : " The estimator reaches the test labels by another road than its arguments."));
    }

    /// <summary>newest event behind a row &lt; as-of ≤ start of its label window, for every row.</summary>
    internal static LeakCheck PointInTime(LabelledRows train, LabelledRows test)
    {
        var broken = 0;
        var first = "";
        foreach (var (part, rows) in Parts(train, test))
            for (var row = 0; row < rows.Rows; row++)
            {
                var (latest, asOf, start) = (rows.X.LatestEventMicros[row], rows.X.AsOfMicros[row], rows.Windows[row].StartMicros);
                if (latest < asOf && asOf <= start) continue;
                if (broken++ == 0)
                    first = latest >= asOf
                        ? $"{part} row {row} (user '{rows.X.Entities[row]}') rests on an event at {Time(latest)}, not before its as-of {Time(asOf)}"
                        : $"{part} row {row} (user '{rows.X.Entities[row]}') has a label window from {Time(start)}, before its as-of {Time(asOf)}";
            }
        return new LeakCheck("point_in_time", broken == 0 ? LeakVerdict.Passed : LeakVerdict.Failed, broken, broken == 0
            ? $"In all {train.Rows + test.Rows} rows the newest event lies before as-of and the label window does not."
            : $"{broken} rows know their own future; the first: {first}.");
    }

    /// <summary>Test is strictly later, training labels were complete by then, and no (user, window) stands twice.</summary>
    internal static LeakCheck Split(LabelledRows train, LabelledRows test)
    {
        var faults = new List<string>();
        var testFrom = test.X.AsOfMicros.Min();
        var notEarlier = train.X.AsOfMicros.Count(t => t >= testFrom);
        if (notEarlier > 0) faults.Add($"{notEarlier} training rows are not earlier than the test's as-of {Time(testFrom)}");
        var open = train.Windows.Count(w => w.EndMicros > testFrom);
        if (open > 0) faults.Add($"{open} training label windows reach past the test's as-of {Time(testFrom)}");
        var seen = new Dictionary<(string Entity, string Item, LabelWindow Window), string>();
        int within = 0, across = 0;
        foreach (var (part, rows) in Parts(train, test))
            for (var row = 0; row < rows.Rows; row++)
            {
                var key = (rows.X.Entities[row], rows.X.Items.Length > 0 ? rows.X.Items[row] : "", rows.Windows[row]);
                if (seen.TryAdd(key, part)) continue;
                if (seen[key] == part) within++;
                else across++;
            }
        if (across > 0) faults.Add($"{across} (entity, window) stand in train and in test");
        if (within > 0) faults.Add($"{within} (entity, window) stand twice in one part");
        return new LeakCheck("split", faults.Count == 0 ? LeakVerdict.Passed : LeakVerdict.Failed, notEarlier + open + across + within, faults.Count == 0
            ? $"Train ends before test begins at {Time(testFrom)}; all {seen.Count} (entity, window) are different."
            : $"{string.Join("; ", faults)}.");
    }

    /// <summary>How much AUC or R² each feature group is worth: refitted with the group blanked.</summary>
    internal static LeakCheck GroupAblation(LeakMeasure measure, IEstimator estimator, IModel fitted, LabelledRows train, LabelledRows test,
        IReadOnlyDictionary<string, IReadOnlyList<string>> groups, CancellationToken cancel)
    {
        var read = groups.Select(g => (g.Key, Columns: g.Value.Where(train.X.Names.Contains).ToList())).Where(g => g.Columns.Count > 0).ToList();
        if (read.Count == 0) return NotRun("group_ablation", "No feature groups were given.");
        var full = Knowledge(measure, fitted, test);
        var losses = read.Select(g => (g.Key, Loss: full - KnowledgeWithout(measure, estimator, train, test, g.Columns, cancel))).OrderByDescending(g => g.Loss).ToList();
        return new LeakCheck("group_ablation", LeakVerdict.Reported, losses[0].Loss,
            $"Of {measure.Word} {full:0.000}, dropping a group costs: {string.Join(", ", losses.Select(g => $"{g.Key} {g.Loss:+0.000;-0.000;0.000}"))}.");
    }

    /// <summary>No column carries most of what the model knows beyond chance, unless it is known to come from before as-of.</summary>
    /// <remarks>
    /// Columns whose permutation in test costs more than the limit are suspects; the three worst are judged by a fit without them, since an
    /// honest column usually has near-copies that take its place and a leak has none. To dominate is no proof: recency may well carry a churn model.
    /// So a column that came out the same when rebuilt from the history before as-of is reported; only one without such a proof fails.
    /// </remarks>
    /// <param name="proven">Columns that were rebuilt and came out the same.</param>
    internal static LeakCheck DominantFeature(LeakMeasure measure, IEstimator estimator, IModel fitted, LabelledRows train, LabelledRows test,
        IReadOnlyDictionary<string, string> exceptions, IReadOnlySet<string> proven, LeakGateOptions options, CancellationToken cancel)
    {
        if (train.X.Names.Count < 2) return NotRun("dominant_feature", "The estimator reads one column only.");
        var full = Knowledge(measure, fitted, test);
        // With less than 0.1 above chance, half of it is within the noise of two fits.
        if (full < measure.Chance + 0.1) return new LeakCheck("dominant_feature", LeakVerdict.Passed, 0, $"{measure.Word} {full:0.000} leaves nothing to dominate.");
        var suspects = Enumerable.Range(0, train.X.Names.Count)
            .Where(f => !exceptions.ContainsKey(train.X.Names[f]))
            .Select(f => (Name: train.X.Names[f], Loss: full - Knowledge(measure, fitted, Permuted(test, f, options.Seed + f))))
            .Where(s => s.Loss > options.MaxFeatureShare * (full - measure.Chance))
            .OrderByDescending(s => s.Loss).Take(3)
            .Select(s => (s.Name, Share: (full - KnowledgeWithout(measure, estimator, train, test, [s.Name], cancel)) / (full - measure.Chance)))
            .OrderByDescending(s => s.Share).ToList();
        var worst = suspects.Count == 0 ? 0 : suspects[0].Share;
        if (worst <= options.MaxFeatureShare)
            return new LeakCheck("dominant_feature", LeakVerdict.Passed, worst, suspects.Count == 0
                ? $"No column is worth more than {options.MaxFeatureShare:0%} of {measure.Word} {full:0.000} − {measure.Chance:0.0}."
                : $"The heaviest column, {suspects[0].Name}, is worth {worst:0%} of {measure.Word} {full:0.000} − {measure.Chance:0.0} once the others may take its place.");
        var dominant = suspects.Where(s => s.Share > options.MaxFeatureShare).ToList();
        var unproven = dominant.Where(s => !proven.Contains(s.Name)).ToList();
        return unproven.Count == 0
            ? new LeakCheck("dominant_feature", LeakVerdict.Reported, worst,
                $"{Worth(dominant)} of {measure.Word} {full:0.000} − {measure.Chance:0.0}; rebuilt from the history before as-of it came out the same, so it is strong and honest.")
            : new LeakCheck("dominant_feature", LeakVerdict.Failed, unproven[0].Share,
                $"{Worth(unproven)} of {measure.Word} {full:0.000} − {measure.Chance:0.0} and nothing shows that it was known at as-of; rebuild it from the history, list it with a reason, or remove it.");

        static string Worth(IEnumerable<(string Name, double Share)> columns) => string.Join(" and ", columns.Select(c => $"{c.Name} is worth {c.Share:0%}"));
    }

    /// <summary>Each store holds each session once.</summary>
    internal static LeakCheck SessionIds(IReadOnlyList<StoreCount> stores)
    {
        if (stores.Count == 0) return NotRun("session_ids", "No store's counts were given.");
        var faulty = stores.Where(s => s.Rows != s.DistinctSessionIds).ToList();
        return new LeakCheck("session_ids", faulty.Count == 0 ? LeakVerdict.Passed : LeakVerdict.Failed, stores.Sum(s => s.Rows - s.DistinctSessionIds), faulty.Count == 0
            ? $"Every session stands once in {string.Join(" and ", stores.Select(s => $"{s.Store} ({s.Rows} rows)"))}."
            : $"Sessions stand more than once: {string.Join(", ", faulty.Select(s => $"{s.Store} has {s.Rows} rows for {s.DistinctSessionIds} ids"))}.");
    }

    /// <summary>On data without signal the estimator scores as chance.</summary>
    internal static LeakCheck NoSignal(LeakMeasure measure, NoSignalOrder? found)
    {
        if (found is not var (order, lists)) return NotRun("no_signal", "No simulation without signal was run.");
        var allowed = measure.NoSignalAllowed(lists);
        return new LeakCheck("no_signal", Math.Abs(order - measure.OrderChance) <= allowed ? LeakVerdict.Passed : LeakVerdict.Failed, order,
            $"On a simulation without signal {measure.OrderWord} {order:0.000}; chance is {measure.OrderChance - allowed:0.000} to {measure.OrderChance + allowed:0.000}.");
    }

    /// <summary>Rows rebuilt from a history cut at as-of are the rows given; with the columns in which all of them are.</summary>
    internal static (LeakCheck Check, IReadOnlySet<string> Proven) Recomputed(LabelledRows train, LabelledRows test, IReadOnlyList<string> rowFeatures, Func<FeatureBatch, FeatureBatch>? recompute, LeakGateOptions options)
    {
        var proven = new HashSet<string>(StringComparer.Ordinal);
        if (recompute is null) return (NotRun("recomputed", "No way to rebuild rows from the history before as-of was given."), proven);
        var half = options.RecomputedRows / 2;
        var given = FeatureBatch.Concat([Sample(train, half, options.Seed).X, Sample(test, half, options.Seed).X]);
        // Only who, what and when is handed over, and what belongs to the row itself: other values given must not come back as values computed.
        var asked = given.Select(rowFeatures);
        var rebuilt = recompute(asked);
        if (!rebuilt.Entities.AsSpan().SequenceEqual(given.Entities) || !rebuilt.Items.AsSpan().SequenceEqual(given.Items) || !rebuilt.AsOfMicros.AsSpan().SequenceEqual(given.AsOfMicros))
            throw new ArgumentException($"Recompute gave {rebuilt.Rows} rows that are not the {given.Rows} asked for, in their order.");
        var width = given.Names.Count;
        var at = given.Names.Select(n => rebuilt.Names.ToList().IndexOf(n)).ToArray();
        var otherwise = new List<string>();
        for (var f = 0; f < width; f++)
        {
            if (at[f] < 0)
            {
                otherwise.Add($"{given.Names[f]} (cannot be rebuilt)");
                continue;
            }
            var differing = 0;
            for (var row = 0; row < given.Rows; row++)
                if (!Same(given.Values[row * width + f], rebuilt.Values[row * rebuilt.Names.Count + at[f]])) differing++;
            if (differing > 0) otherwise.Add($"{given.Names[f]} ({differing} of {given.Rows} rows)");
            else if (!rowFeatures.Contains(given.Names[f])) proven.Add(given.Names[f]);
        }
        var check = new LeakCheck("recomputed", otherwise.Count == 0 ? LeakVerdict.Passed : LeakVerdict.Failed, otherwise.Count, otherwise.Count == 0
            ? $"{given.Rows} rows rebuilt from the history before as-of came out the same in all {width} columns."
            : $"Rebuilt from the history before as-of, {otherwise.Count} of {width} columns come out otherwise: {string.Join(", ", otherwise)}.");
        return (check, proven);

        static bool Same(float a, float b) => a == b || (float.IsNaN(a) && float.IsNaN(b)) || Math.Abs(a - b) <= 1e-5f * Math.Max(1, Math.Abs(a));
    }

    /// <summary>At most <paramref name="limit"/> rows drawn without replacement, in their order.</summary>
    internal static LabelledRows Sample(LabelledRows rows, int limit, int seed)
    {
        if (rows.Rows <= limit) return rows;
        var all = Enumerable.Range(0, rows.Rows).ToArray();
        new Random(seed).Shuffle(all);
        return rows.Take([.. all.Take(limit).Order()]);
    }

    private static LeakCheck NotRun(string name, string why) => new(name, LeakVerdict.NotRun, double.NaN, why);

    private static (string Name, LabelledRows Rows)[] Parts(LabelledRows train, LabelledRows test) => [("train", train), ("test", test)];

    private static string Time(long micros) => EpochMicros.Instant(micros).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int[][] ByAsOf(LabelledRows rows)
    {
        int[][] instants = [.. Enumerable.Range(0, rows.Rows).GroupBy(r => rows.X.AsOfMicros[r]).OrderBy(g => g.Key).Select(g => g.ToArray())];
        return rows.Rows >= instants.Length * FewestAtAnInstant ? instants : [.. instants.SelectMany(at => at).Chunk((rows.Rows + Blocks - 1) / Blocks)];
    }

    // The columns after the last named one are the order of rows and the order of entities.
    private static double[] Column(FeatureBatch x, int f)
    {
        var column = new double[x.Rows];
        if (f < x.Names.Count)
            for (var row = 0; row < column.Length; row++)
            {
                var value = x.Values[row * x.Names.Count + f];
                column[row] = float.IsNaN(value) ? double.NaN : Math.Clamp(value, float.MinValue, float.MaxValue);
            }
        else if (f == x.Names.Count)
            for (var row = 0; row < column.Length; row++) column[row] = row;
        else
            foreach (var (rank, row) in Enumerable.Range(0, column.Length).OrderBy(r => x.Entities[r], StringComparer.Ordinal).Index()) column[row] = rank;
        return column;
    }

    private static double Strongest(LeakMeasure measure, double[] column, float[] y, int[][] parts)
    {
        var strongest = Alone(measure, column, y);
        if (parts.Length > 1)
            foreach (var rows in parts)
            {
                var labels = rows.Select(r => y[r]).ToArray();
                if (measure.CanTell(labels))
                    strongest = Math.Max(strongest, Alone(measure, [.. rows.Select(r => column[r])], labels));
            }
        return strongest;
    }

    private static double Alone(LeakMeasure measure, double[] column, float[] y)
    {
        double[] ends = column.Any(double.IsNaN) ? [double.MinValue, double.MaxValue] : [double.MinValue];
        return ends.Max(end => measure.Alone([.. column.Select(v => double.IsNaN(v) ? end : v)], y));
    }

    // Twenty bins of equal mass and one for absent values, each scored by its mean training label: what a tree would make of the column alone.
    private static double Binned(LeakMeasure measure, double[] train, float[] trainY, double[] test, float[] testY)
    {
        const int bins = 20;
        var sorted = train.Where(v => !double.IsNaN(v)).Order().ToArray();
        var edges = sorted.Length == 0 ? [] : Enumerable.Range(1, bins - 1).Select(b => sorted[b * sorted.Length / bins]).Distinct().ToArray();
        var sums = new double[edges.Length + 2];
        var rows = new double[edges.Length + 2];
        for (var row = 0; row < train.Length; row++)
        {
            var bin = Bin(train[row]);
            sums[bin] += trainY[row];
            rows[bin]++;
        }
        var mean = sums.Sum() / train.Length;
        return measure.Knowledge([.. test.Select(v => Bin(v) is var bin ? (sums[bin] + mean) / (rows[bin] + 1) : 0)], testY);

        int Bin(double value)
        {
            if (double.IsNaN(value)) return edges.Length + 1;
            var at = Array.BinarySearch(edges, value);
            return at >= 0 ? at + 1 : ~at;
        }
    }

    private static double Knowledge(LeakMeasure measure, IModel model, LabelledRows rows) => measure.Knowledge(ModelEvaluation.Score(model, rows.X), rows.Y);

    private static double KnowledgeWithout(LeakMeasure measure, IEstimator estimator, LabelledRows train, LabelledRows test, IReadOnlyList<string> columns, CancellationToken cancel) =>
        measure.Knowledge(ModelEvaluation.Score(estimator.Fit(Blanked(train.X, columns), train.Y, cancel), Blanked(test.X, columns)), test.Y);

    // An estimator's columns are fixed, and NaN is finite in every model's hands: a blank column is a dropped one.
    private static FeatureBatch Blanked(FeatureBatch x, IReadOnlyList<string> columns)
    {
        var values = (float[])x.Values.Clone();
        for (var f = 0; f < x.Names.Count; f++)
            if (columns.Contains(x.Names[f]))
                for (var row = 0; row < x.Rows; row++) values[row * x.Names.Count + f] = float.NaN;
        return x.With(values);
    }

    private static LabelledRows Permuted(LabelledRows rows, int f, int seed)
    {
        var (x, width) = (rows.X, rows.X.Names.Count);
        var from = Enumerable.Range(0, x.Rows).ToArray();
        new Random(seed).Shuffle(from);
        var values = (float[])x.Values.Clone();
        for (var row = 0; row < x.Rows; row++) values[row * width + f] = x.Values[from[row] * width + f];
        return new LabelledRows(x.With(values), rows.Y, rows.Windows);
    }

    // The 99.95 % point of Student's t: exact to 0.1 for the first degrees of freedom, then bounded from above by the next smaller entry.
    private static double StudentT(int degrees) => degrees switch
    {
        1 => 636.6, 2 => 31.6, 3 => 12.9, 4 => 8.6, 5 => 6.9, 6 => 6.0, 7 => 5.4, < 10 => 5.0, < 15 => 4.6, < 30 => 4.1, _ => 3.7,
    };

    /// <summary>The labels of the rows that carry one value.</summary>
    private readonly record struct LabelSum(double Sum, int Rows, float Least, float Most)
    {
        internal LabelSum With(float label) => new(Sum + label, Rows + 1, Rows == 0 ? label : Math.Min(Least, label), Rows == 0 ? label : Math.Max(Most, label));
    }
}
