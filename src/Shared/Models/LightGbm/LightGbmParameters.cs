using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;

namespace Media.Models.LightGbm;

/// <summary>What a booster minimises.</summary>
public enum LightGbmObjective
{
    /// <summary>Log loss of labels 0 and 1; raw scores are log-odds.</summary>
    Binary,
    /// <summary>Squared error: predicts the mean.</summary>
    Regression,
    /// <summary>Absolute error: predicts the median.</summary>
    AbsoluteError,
    /// <summary>Squared error near the label, absolute error beyond <see cref="LightGbmParameters.HuberDelta"/>.</summary>
    Huber,
    /// <summary>Poisson deviance of labels ≥ 0: predicts the mean; raw scores are its logarithm.</summary>
    Poisson,
    /// <summary>Tweedie deviance of labels ≥ 0, many of them 0: predicts the mean; raw scores are its logarithm.</summary>
    Tweedie,
    /// <summary>Gamma deviance of labels above 0: predicts the mean; raw scores are its logarithm.</summary>
    Gamma,
    /// <summary>LambdaRank: the order of rows within a group, by labels 0, 1, 2 … up to <see cref="LightGbmParameters.MostRelevance"/>.</summary>
    LambdaRank,
}

/// <summary>What growing stops by.</summary>
public enum LightGbmMetric
{
    /// <summary>The loss that the objective minimises; NDCG for <see cref="LightGbmObjective.LambdaRank"/>.</summary>
    OfObjective,
    LogLoss,
    AreaUnderCurve,
    AveragePrecision,
    SquaredError,
    AbsoluteError,
    PoissonDeviance,
    GammaDeviance,
    TweedieDeviance,
    Ndcg,
}

/// <summary>How to grow a booster; the defaults suit ten to fifty thousand rows and a smooth truth.</summary>
/// <remarks>Immutable, thread-safe. Equal parameters, rows and seed give equal bytes, whatever the machine is doing besides.</remarks>
/// <seealso href="https://lightgbm.readthedocs.io/en/stable/Parameters.html">LightGBM, Parameters</seealso>
public sealed record LightGbmParameters
{
    /// <summary>Highest label of a ranked row: its gain is 2^label − 1.</summary>
    public const int MostRelevance = 30;

    /// <summary>Default <see cref="LightGbmObjective.Binary"/>.</summary>
    public LightGbmObjective Objective { get; init; } = LightGbmObjective.Binary;

    /// <summary>What early stopping looks at on the validation rows. Default: the objective's own.</summary>
    public LightGbmMetric Metric { get; init; } = LightGbmMetric.OfObjective;

    /// <summary>Most trees grown. Default 1,000, range 1 – 100,000.</summary>
    [Range(1, 100_000)]
    public int Trees { get; init; } = 1000;

    /// <summary>Trees without a better validation metric before growing stops; used only with validation rows. Default 50, range 1 – 10,000.</summary>
    [Range(1, 10_000)]
    public int Patience { get; init; } = 50;

    /// <summary>Shrinkage of each tree. Default 0.05, range 0.0001 – 1.</summary>
    [Range(0.0001, 1.0)]
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Most leaves of a tree. Default 15, range 2 – 32,767.</summary>
    [Range(2, FlatTrees.MostLeaves)]
    public int Leaves { get; init; } = 15;

    /// <summary>Fewest training rows in a leaf. Default 40, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int RowsPerLeaf { get; init; } = 40;

    /// <summary>Share of the columns a tree may use. Default 1, range (0, 1].</summary>
    [Range(0.001, 1.0)]
    public double FeatureShare { get; init; } = 1;

    /// <summary>Share of the tree's columns that each split may use. Default 1, range (0, 1].</summary>
    [Range(0.001, 1.0)]
    public double FeatureShareOfSplit { get; init; } = 1;

    /// <summary>Share of the rows a tree is grown on, drawn anew for each tree. Default 1, range (0, 1].</summary>
    [Range(0.001, 1.0)]
    public double RowShare { get; init; } = 1;

    /// <summary>
    /// A random forest instead of boosting: trees are grown apart, each on its own share of rows and columns (both or one below 1), and averaged. Default false.
    /// A forest predicts through <see cref="Booster"/> only.
    /// </summary>
    public bool Forest { get; init; }

    /// <summary>Each split tries one threshold per column, drawn by chance (extremely randomised trees). Default false.</summary>
    public bool RandomThresholds { get; init; }

    /// <summary>L1 penalty on leaf values. Default 0, range 0 – 10,000.</summary>
    [Range(0.0, 10_000.0)]
    public double L1 { get; init; }

    /// <summary>L2 penalty on leaf values. Default 1, range 0 – 10,000.</summary>
    [Range(0.0, 10_000.0)]
    public double L2 { get; init; } = 1;

    /// <summary>Histogram bins per column. Default 255, range 2 – 65,535.</summary>
    [Range(2, 65_535)]
    public int Bins { get; init; } = 255;

    /// <summary>Columns whose values are category codes (whole numbers ≥ 0), by position. A code not seen in training is taken for a missing one. Default none.</summary>
    public IReadOnlyList<int> CategoricalColumns { get; init; } = [];

    /// <summary>Rows that are added, as of the average kind, to each category when categories are sorted for a split. Default 10, range 0 – 100,000.</summary>
    [Range(0.0, 100_000.0)]
    public double CategorySmoothing { get; init; } = 10;

    /// <summary>Further L2 penalty where a split is by categories. Default 10, range 0 – 100,000.</summary>
    [Range(0.0, 100_000.0)]
    public double CategoryL2 { get; init; } = 10;

    /// <summary>Per column: 1 = the score never falls as the column rises, −1 = never rises, 0 = free. Default none (all free); categories must be free.</summary>
    /// <remarks>For boosters that stand alone. The catalogue's models leave it free: their trees grow on a line, and what a line leaves over rises here and falls there even where the truth only rises.</remarks>
    public IReadOnlyList<int> Monotone { get; init; } = [];

    /// <summary>Error beyond which <see cref="LightGbmObjective.Huber"/> counts absolutely, in the label's unit. Default 1, above 0.</summary>
    [Range(1e-9, 1e9)]
    public double HuberDelta { get; init; } = 1;

    /// <summary>Variance power of <see cref="LightGbmObjective.Tweedie"/>: variance ∝ mean^power, 1 = Poisson, 2 = Gamma. Default 1.5, range 1 – 1.999.</summary>
    [Range(1.0, 1.999)]
    public double TweediePower { get; init; } = 1.5;

    /// <summary>First places of a group that ranking cares for, in training and in NDCG. Default 10, range 1 – 10,000.</summary>
    [Range(1, 10_000)]
    public int RankedPlaces { get; init; } = 10;

    /// <summary>Seed of every random choice. Default 1, range ≥ 0.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Native threads of one booster. Default 1, range 1 – 256: more pays only above some 100,000 rows; below, several boosters side by side use
    /// the cores better. Fixed rather than taken from the machine, since it is written into the model.
    /// </summary>
    [Range(1, 256)]
    public int Threads { get; init; } = 1;

    /// <summary>Whether the metric is better when larger.</summary>
    internal bool MetricRises => Metric is LightGbmMetric.AreaUnderCurve or LightGbmMetric.AveragePrecision or LightGbmMetric.Ndcg
        || (Metric == LightGbmMetric.OfObjective && Objective == LightGbmObjective.LambdaRank);

    private bool RanksGroups => Objective == LightGbmObjective.LambdaRank || Metric == LightGbmMetric.Ndcg;

    /// <exception cref="ArgumentException">A value is out of its range; all such values are listed.</exception>
    internal void Check() => Options.Check(this,
        CategoricalColumns.Any(c => c < 0) ? "CategoricalColumns holds a negative position." : null,
        Monotone.Any(m => m is < -1 or > 1) ? $"Monotone holds {Monotone.First(m => m is < -1 or > 1)}; it holds −1, 0 and 1." : null,
        CategoricalColumns.FirstOrDefault(c => c >= 0 && c < Monotone.Count && Monotone[c] != 0, -1) is >= 0 and var ordered ? $"Column {ordered} is of categories, which have no order to be monotone in." : null,
        Forest && RowShare == 1 && FeatureShare == 1 ? "A forest's trees must differ: RowShare or FeatureShare must be below 1." : null);

    /// <exception cref="ArgumentException">A position or a list does not fit this many columns.</exception>
    internal void CheckColumns(int columns)
    {
        foreach (var column in CategoricalColumns)
            if (column >= columns) throw new ArgumentException($"CategoricalColumns names column {column} but there are {columns}.");
        if (Monotone.Count != 0 && Monotone.Count != columns) throw new ArgumentException($"Monotone has {Monotone.Count} entries but there are {columns} columns.");
    }

    /// <exception cref="ArgumentException">The labels are not of the objective's kind, or a ranking has no groups.</exception>
    internal void CheckLabels(ReadOnlySpan<float> labels, bool grouped, bool training)
    {
        if (RanksGroups && !grouped) throw new ArgumentException("A ranking needs groups: the sizes of the queries whose rows are ranked among themselves.");
        LightGbmLabels.Check(Objective, labels, training);
    }

    /// <summary>The parameters as LightGBM reads them.</summary>
    internal string ToText()
    {
        var text = new StringBuilder();
        Add("objective", Objective switch
        {
            LightGbmObjective.Binary => "binary",
            LightGbmObjective.Regression => "regression",
            LightGbmObjective.AbsoluteError => "regression_l1",
            LightGbmObjective.Huber => "huber",
            LightGbmObjective.Poisson => "poisson",
            LightGbmObjective.Tweedie => "tweedie",
            LightGbmObjective.Gamma => "gamma",
            _ => "lambdarank",
        });
        Add("metric", MetricName());
        if (Forest) Add("boosting", "rf");
        Add("num_iterations", Trees);
        Add("learning_rate", LearningRate);
        Add("num_leaves", Leaves);
        Add("min_data_in_leaf", RowsPerLeaf);
        Add("feature_fraction", FeatureShare);
        if (FeatureShareOfSplit < 1) Add("feature_fraction_bynode", FeatureShareOfSplit);
        Add("bagging_fraction", RowShare);
        Add("bagging_freq", RowShare < 1 ? 1 : 0);
        if (RandomThresholds) Add("extra_trees", "true");
        Add("lambda_l1", L1);
        Add("lambda_l2", L2);
        Add("max_bin", Bins);
        Add("seed", Seed);
        Add("num_threads", Threads);
        // Order of summation and choice of algorithm would otherwise follow the thread count and a timing at the start.
        Add("deterministic", "true");
        Add("force_col_wise", "true");
        Add("verbosity", -1);
        if (CategoricalColumns.Count > 0)
        {
            Add("categorical_feature", string.Join(',', CategoricalColumns));
            Add("cat_smooth", CategorySmoothing);
            Add("cat_l2", CategoryL2);
        }
        if (Monotone.Count > 0) Add("monotone_constraints", string.Join(',', Monotone));
        if (Objective == LightGbmObjective.Huber) Add("alpha", HuberDelta);
        if (Objective == LightGbmObjective.Tweedie || Metric == LightGbmMetric.TweedieDeviance) Add("tweedie_variance_power", TweediePower);
        if (RanksGroups)
        {
            Add("eval_at", RankedPlaces);
            Add("lambdarank_truncation_level", RankedPlaces);
        }
        return text.ToString();

        void Add(string name, object value) =>
            text.Append(text.Length > 0 ? " " : "").Append(name).Append('=').Append(Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    private string MetricName() => (Metric, Objective) switch
    {
        (LightGbmMetric.LogLoss, _) or (LightGbmMetric.OfObjective, LightGbmObjective.Binary) => "binary_logloss",
        (LightGbmMetric.AreaUnderCurve, _) => "auc",
        (LightGbmMetric.AveragePrecision, _) => "average_precision",
        (LightGbmMetric.SquaredError, _) or (LightGbmMetric.OfObjective, LightGbmObjective.Regression) => "l2",
        (LightGbmMetric.AbsoluteError, _) or (LightGbmMetric.OfObjective, LightGbmObjective.AbsoluteError) => "l1",
        (LightGbmMetric.PoissonDeviance, _) or (LightGbmMetric.OfObjective, LightGbmObjective.Poisson) => "poisson",
        (LightGbmMetric.GammaDeviance, _) or (LightGbmMetric.OfObjective, LightGbmObjective.Gamma) => "gamma",
        (LightGbmMetric.TweedieDeviance, _) or (LightGbmMetric.OfObjective, LightGbmObjective.Tweedie) => "tweedie",
        (LightGbmMetric.OfObjective, LightGbmObjective.Huber) => "huber",
        _ => "ndcg",
    };
}
