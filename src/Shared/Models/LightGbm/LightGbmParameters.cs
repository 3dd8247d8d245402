using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;

namespace Media.Models.LightGbm;

/// <summary>What a booster minimises.</summary>
public enum LightGbmObjective
{
    /// <summary>Log loss of labels 0 and 1.</summary>
    Binary,
    /// <summary>Squared error.</summary>
    Regression,
}

/// <summary>How to grow a booster; the defaults suit ten to fifty thousand rows and a smooth truth.</summary>
/// <remarks>Immutable, thread-safe. Equal parameters, rows and seed give equal bytes, whatever the machine is doing besides.</remarks>
/// <seealso href="https://lightgbm.readthedocs.io/en/stable/Parameters.html">LightGBM, Parameters</seealso>
public sealed record LightGbmParameters
{
    /// <summary>Default <see cref="LightGbmObjective.Binary"/>.</summary>
    public LightGbmObjective Objective { get; init; } = LightGbmObjective.Binary;

    /// <summary>Most trees grown. Default 1,000, range 1 – 100,000.</summary>
    [Range(1, 100_000)]
    public int Trees { get; init; } = 1000;

    /// <summary>Trees without a better validation loss before growing stops; used only with validation rows. Default 50, range 1 – 10,000.</summary>
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

    /// <summary>Share of the rows a tree is grown on, drawn anew for each tree. Default 1, range (0, 1].</summary>
    [Range(0.001, 1.0)]
    public double RowShare { get; init; } = 1;

    /// <summary>L1 penalty on leaf values. Default 0, range 0 – 10,000.</summary>
    [Range(0.0, 10_000.0)]
    public double L1 { get; init; }

    /// <summary>L2 penalty on leaf values. Default 1, range 0 – 10,000.</summary>
    [Range(0.0, 10_000.0)]
    public double L2 { get; init; } = 1;

    /// <summary>Histogram bins per column. Default 255, range 2 – 65,535.</summary>
    [Range(2, 65_535)]
    public int Bins { get; init; } = 255;

    /// <summary>Columns whose values are category codes (whole numbers ≥ 0), by position. Default none.</summary>
    public IReadOnlyList<int> CategoricalColumns { get; init; } = [];

    /// <summary>Seed of every random choice. Default 1, range ≥ 0.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Native threads of one booster. Default 1, range 1 – 256: more pays only above some 100,000 rows; below, several boosters side by side use
    /// the cores better. Fixed rather than taken from the machine, since it is written into the model.
    /// </summary>
    [Range(1, 256)]
    public int Threads { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range; all such values are listed.</exception>
    internal void Check() => Options.Check(this, CategoricalColumns.Any(c => c < 0) ? "CategoricalColumns holds a negative position." : null);

    /// <summary>The parameters as LightGBM reads them.</summary>
    internal string ToText()
    {
        var text = new StringBuilder();
        Add("objective", Objective == LightGbmObjective.Binary ? "binary" : "regression");
        Add("metric", Objective == LightGbmObjective.Binary ? "binary_logloss" : "l2");
        Add("num_iterations", Trees);
        Add("learning_rate", LearningRate);
        Add("num_leaves", Leaves);
        Add("min_data_in_leaf", RowsPerLeaf);
        Add("feature_fraction", FeatureShare);
        Add("bagging_fraction", RowShare);
        Add("bagging_freq", RowShare < 1 ? 1 : 0);
        Add("lambda_l1", L1);
        Add("lambda_l2", L2);
        Add("max_bin", Bins);
        Add("seed", Seed);
        Add("num_threads", Threads);
        // Order of summation and choice of algorithm would otherwise follow the thread count and a timing at the start.
        Add("deterministic", "true");
        Add("force_col_wise", "true");
        Add("verbosity", -1);
        if (CategoricalColumns.Count > 0) Add("categorical_feature", string.Join(',', CategoricalColumns));
        return text.ToString();

        void Add(string name, object value) =>
            text.Append(text.Length > 0 ? " " : "").Append(name).Append('=').Append(Convert.ToString(value, CultureInfo.InvariantCulture));
    }
}
