using System.ComponentModel.DataAnnotations;

namespace Media.Recommendation;

/// <summary>How good one list is.</summary>
/// <param name="hits">Whether each place's item is relevant, best first.</param>
/// <param name="relevant">Relevant items, found or not, ≥ 1.</param>
public delegate double ListMeasure(ReadOnlySpan<bool> hits, int relevant);

/// <summary>How long to search.</summary>
public sealed record HybridOptions
{
    /// <summary>Effort, 1–10,000: about seconds of two cores on the search; the fits that follow it are bounded by <see cref="MaxEaseItems"/> and the data. Counted in arithmetic, not by a clock, so that results do not depend on the machine. Default 40.</summary>
    [Range(1, 10_000)] public double Effort { get; init; } = 40;

    /// <summary>Most trials of one engine, 1–1,000. Default 24.</summary>
    [Range(1, 1000)] public int MaxTrials { get; init; } = 24;

    /// <summary><see cref="EaseOptions.MaxItems"/> of the fits that count, 1–20,000. Default 10,000.</summary>
    [Range(1, 20_000)] public int MaxEaseItems { get; init; } = 10_000;

    /// <summary>Places of a list that are judged, 1–1,000. Default 10.</summary>
    [Range(1, 1000)] public int Places { get; init; } = 10;

    /// <summary>Seed of factors and weights. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; 0: as many as there are cores. Default 0. The result does not depend on it.</summary>
    [Range(0, 1024)] public int Threads { get; init; }
}

/// <summary>One setting of one engine and what it reached on the held-out users.</summary>
public sealed record HybridTrial(string Engine, string Setting, double Measure);

/// <summary>What a search chose.</summary>
/// <param name="Recommender">Fitted to all interactions.</param>
/// <param name="Trials">All trials in their order, the hybrid last.</param>
public sealed record HybridResult(HybridRecommender Recommender, IReadOnlyList<HybridTrial> Trials);

/// <summary>Finds the engines' hyperparameters and their weights in a hybrid by held-out interactions, then fits all anew.</summary>
/// <remarks>
/// Each engine is searched from a sound start: first what of the strengths counts, then one dial after another up or down while it helps, then in half the steps. The best setting of each
/// engine goes into the hybrid, whose weights are searched on the held-out users' scores: each engine alone, random mixtures, then one weight after another. With nothing to hold out, or nothing
/// learnt, popularity is the answer. Pure; same input, same result.
/// </remarks>
public static class HybridSearch
{
    private const int MixturesDrawn = 150;
    private const int MixtureItems = 100;
    private const double UnitsOfEffort = 6e9;

    /// <param name="interactions">All of them, strengths as recorded.</param>
    /// <param name="holdout">Made from the same interactions.</param>
    /// <param name="content">Items × terms, how often each term stands in what each item is about; null where that is not known. Has a row for every item.</param>
    /// <param name="measure">What is maximised: its mean over the held-out users.</param>
    /// <exception cref="ArgumentException">The holdout is of another matrix, or the content of other items.</exception>
    public static HybridResult Fit(SparseMatrix interactions, SparseMatrix? content, Holdout holdout, ListMeasure measure, HybridOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if ((holdout.Train.Rows, holdout.Train.Columns) != (interactions.Rows, interactions.Columns))
            throw new ArgumentException($"The holdout is of {holdout.Train.Rows} × {holdout.Train.Columns} users and items; expected {interactions.Rows} × {interactions.Columns}.");
        if (content is not null && content.Rows != interactions.Columns) throw new ArgumentException($"The content is of {content.Rows} items; expected {interactions.Columns}.");
        var trials = new List<HybridTrial>();
        var popularity = Popularity.Fit(interactions);
        if (holdout.Users.Count == 0) return new HybridResult(new HybridRecommender([], popularity), trials);

        var judge = new HoldoutJudge(holdout, measure, options);
        var heldScale = new StrengthScale(StrengthKind.Binary, 1);
        var heldPopularity = new HybridPart("popularity", Popularity.Fit(holdout.Train), heldScale, 1);
        trials.Add(new HybridTrial("popularity", "", judge.Judge(heldPopularity, cancel)));
        var engines = HybridEngine.All(holdout.Train, content, options);
        var settings = engines.Select(engine => Search(engine, holdout.Train, judge, options, trials, cancel)).ToArray();
        HybridPart[] parts = [.. settings.Select((s, e) => new HybridPart(engines[e].Name, engines[e].FitFully(holdout.Train, s, cancel), s.Scale, 1)), heldPopularity];
        var (weights, reached) = Mix(judge.Mixtures(parts, MixtureItems, cancel), parts.Length, againstPopularity: holdout.Users.All(user => user.Listed is not null), options.Seed, cancel);
        trials.Add(new HybridTrial("hybrid", string.Join(", ", parts.Select((p, i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{p.Name} {weights[i]:0.00}"))), reached));

        var refitted = new List<HybridPart>();
        for (var e = 0; e < engines.Count; e++)
        {
            if (weights[e] == 0) continue;
            var scale = StrengthScale.Of(interactions, settings[e].Scale.Kind);
            refitted.Add(new HybridPart(engines[e].Name, engines[e].FitFully(interactions, settings[e] with { Scale = scale }, cancel), scale, weights[e]));
        }
        if (weights[^1] != 0) refitted.Add(heldPopularity with { Engine = popularity, Weight = weights[^1] });
        return new HybridResult(new HybridRecommender(refitted, popularity), trials);
    }

    private static HybridSetting Search(HybridEngine engine, SparseMatrix train, HoldoutJudge judge, HybridOptions options, List<HybridTrial> trials, CancellationToken cancel)
    {
        var left = options.Effort * UnitsOfEffort * engine.Share;
        var count = 0;
        var tried = new HashSet<string>();
        var (best, reached) = (engine.Start(StrengthScale.Of(train, StrengthKind.Binary)), double.NegativeInfinity);
        Try(best);
        if (HasStrengths(train))
            foreach (var kind in new[] { StrengthKind.Log, StrengthKind.Raw }) Try(engine.Start(StrengthScale.Of(train, kind)));
        for (var stride = 1.0; stride >= 0.25; stride /= 2)
        {
            var helped = true;
            while (helped)
            {
                helped = false;
                for (var dial = 0; dial < engine.Dials.Count; dial++)
                    foreach (var way in new[] { stride, -stride })
                    {
                        var moved = false;
                        while (Try(best with { Dials = engine.Turned(best.Dials, dial, way) })) moved = helped = true;
                        if (moved) break;
                    }
            }
        }
        return best;

        bool Try(HybridSetting setting)
        {
            var name = engine.Describe(setting);
            var cost = engine.Cost(setting);
            // The first trial is always made: without it there is no setting at all.
            if (count > 0 && (count >= options.MaxTrials || cost > left) || !tried.Add(name)) return false;
            cancel.ThrowIfCancellationRequested();
            left -= cost;
            count++;
            var value = judge.Judge(new HybridPart(engine.Name, engine.FitForSearch(train, setting, cancel), setting.Scale, 1), cancel);
            trials.Add(new HybridTrial(engine.Name, name, value));
            if (value <= reached) return false;
            (best, reached) = (setting, value);
            return true;
        }
    }

    private static bool HasStrengths(SparseMatrix train)
    {
        var first = float.NaN;
        for (var row = 0; row < train.Rows; row++)
            foreach (var strength in train.Row(row).Values)
            {
                if (strength <= 0) continue;
                if (float.IsNaN(first)) first = strength;
                if (strength != first) return true;
            }
        return false;
    }

    /// <summary>The weights of the best mixture, summing to 1 in absolute value.</summary>
    /// <param name="againstPopularity">Whether the last part, popularity, may count against an item. Only where all items to be ranked are known to the mixtures: a mixture may otherwise
    /// bring items to the top that no part has there.</param>
    private static (double[] Weights, double Reached) Mix(HoldoutMixtures mixtures, int parts, bool againstPopularity, int seed, CancellationToken cancel)
    {
        var random = new Random(seed);
        var (best, reached) = (new double[parts], double.NegativeInfinity);
        for (var part = 0; part < parts; part++) Try(Enumerable.Range(0, parts).Select(p => p == part ? 1.0 : 0).ToArray());
        // Drawn from the simplex; squared, so that some parts of most mixtures are next to nothing.
        for (var draw = 0; draw < MixturesDrawn; draw++) Try(Enumerable.Range(0, parts).Select(_ => Math.Pow(Math.Log(1 - random.NextDouble()), 2)).ToArray());
        for (var step = 0.3; step > 0.03; step /= 2)
        {
            var helped = true;
            while (helped)
            {
                helped = false;
                for (var part = 0; part < parts; part++)
                {
                    double[] steps = [-best[part], step, -step];
                    foreach (var by in steps)
                    {
                        var moved = (double[])best.Clone();
                        moved[part] = againstPopularity && part == parts - 1 ? moved[part] + by : Math.Max(0, moved[part] + by);
                        helped |= moved.Any(w => w != 0) && Try(moved);
                    }
                }
            }
        }
        return (best, reached);

        bool Try(double[] weights)
        {
            var size = weights.Sum(Math.Abs);
            for (var i = 0; i < weights.Length; i++) weights[i] /= size;
            var value = mixtures.Judge(weights, cancel);
            if (value <= reached) return false;
            (best, reached) = (weights, value);
            return true;
        }
    }
}
