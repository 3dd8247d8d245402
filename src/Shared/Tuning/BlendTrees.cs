using System.Globalization;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>The trees of a blend: boosted ones of searched settings, a random forest, extremely randomised trees; all on the same binned rows.</summary>
internal static class BlendTrees
{
    private const int FewestRowsPerLeaf = 3;

    /// <summary>Adds the members.</summary>
    /// <param name="targets">The rows' labels, or their ln(1 + label) where <paramref name="logarithm"/>.</param>
    /// <returns>The best boosted settings.</returns>
    internal static LightGbmParameters Fit(BlendRows rows, float[] targets, bool logarithm, BlendOptions options, List<BlendMember> members, Action<string> tell, CancellationToken cancel)
    {
        var start = options.Boosted with
        {
            Objective = rows.Kind == LabelKind.YesNo ? LightGbmObjective.Binary : LightGbmObjective.Regression,
            CategoricalColumns = rows.CategoricalColumns,
            Seed = options.Seed,
        };
        using var folds = BlendFolds.Of(rows, targets, start with { RowsPerLeaf = FewestRowsPerLeaf });
        var candidates = options.Space.Draw(start, options.Trials, options.Seed);
        var (boosters, scores) = (new Booster?[candidates.Count, folds.Count], new double[candidates.Count, folds.Count][]);
        try
        {
            var halving = new HalvingOptions { Finalists = options.Finalists, SideBySide = options.SideBySide };
            var trials = SuccessiveHalving.Run(candidates, folds.Count, halving, Loss, () => true, _ => { }, cancel);
            foreach (var trial in trials.Take(options.Finalists))
            {
                tell($"boosted_{trial.Number}: {trial.Settings.Leaves} leaves of ≥ {trial.Settings.RowsPerLeaf} rows, {trial.Settings.FeatureShare.ToString("P0", CultureInfo.InvariantCulture)} of the columns and {trial.Settings.RowShare.ToString("P0", CultureInfo.InvariantCulture)} of the rows a tree, L2 {trial.Settings.L2}{(trial.Settings.RandomThresholds ? ", random thresholds" : "")}");
                members.Add(Member($"boosted_{trial.Number}{(logarithm ? "_of_log" : "")}", trial.Number));
            }
            AddForests();
            return trials[0].Settings;
        }
        finally
        {
            foreach (var booster in boosters) booster?.Dispose();
        }

        double Loss(int candidate, int fold)
        {
            (boosters[candidate, fold], scores[candidate, fold]) = folds.Grow(candidates[candidate], fold, cancel);
            return BlendWeights.Loss(scores[candidate, fold], [.. folds.HeldRows[fold].Select(r => targets[r])], rows.Kind);
        }

        // Takes the boosters over: they are the member's to dispose.
        TreeMember Member(string name, int candidate)
        {
            var outOfFold = new double[rows.Rows];
            var own = new Booster[folds.Count];
            for (var fold = 0; fold < folds.Count; fold++)
            {
                for (var i = 0; i < folds.HeldRows[fold].Length; i++) outOfFold[folds.HeldRows[fold][i]] = scores[candidate, fold][i];
                (own[fold], boosters[candidate, fold]) = (boosters[candidate, fold] ?? throw new InvalidOperationException($"Trial {candidate} was not grown on fold {fold}."), null);
            }
            return TreeMember.Of(name, own, forest: false, outOfFold, Scale(outOfFold));
        }

        MemberScale Scale(double[] outOfFold) =>
            rows.Kind == LabelKind.YesNo ? MemberScale.LogOdds(outOfFold, rows.Labels) : logarithm ? MemberScale.Log1p(outOfFold, rows.Labels) : MemberScale.AsIs;

        void AddForests()
        {
            if (options.ForestTrees == 0) return;
            var forest = start with
            {
                // Yes or no: the mean of ones and zeros in a leaf is what a forest votes with.
                Objective = LightGbmObjective.Regression,
                Forest = true,
                Trees = options.ForestTrees,
                Leaves = options.ForestLeaves,
                RowsPerLeaf = FewestRowsPerLeaf,
                RowShare = 0.632,
                FeatureShare = 1,
                FeatureShareOfSplit = rows.Kind == LabelKind.YesNo ? Math.Max(Math.Sqrt(rows.Columns) / rows.Columns, 0.1) : 1 / 3.0,
                L2 = 0,
            };
            members.Add(Forest("random_forest", forest));
            members.Add(Forest("extra_trees", forest with { RandomThresholds = true, FeatureShareOfSplit = 0.7 }));
        }

        TreeMember Forest(string name, LightGbmParameters parameters)
        {
            var outOfFold = new double[rows.Rows];
            var own = new Booster[folds.Count];
            Parallel.For(0, folds.Count, new ParallelOptions { MaxDegreeOfParallelism = options.SideBySide, CancellationToken = cancel }, fold =>
            {
                (own[fold], var held) = folds.Grow(parameters, fold, cancel);
                for (var i = 0; i < held.Length; i++) outOfFold[folds.HeldRows[fold][i]] = held[i];
            });
            return TreeMember.Of(name, own, forest: true, outOfFold, Scale(outOfFold));
        }
    }
}
