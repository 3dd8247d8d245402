using Media.Models;

namespace Media.Evaluation;

/// <summary>How the leak gate measures what scores or a column know of labels of one kind.</summary>
/// <remarks>Stateless, thread-safe.</remarks>
internal abstract class LeakMeasure
{
    internal static LeakMeasure Of(LabelKind kind) => kind == LabelKind.YesNo ? new YesNo() : new Amount();

    /// <summary>Name of what <see cref="Knowledge"/> gives.</summary>
    internal abstract string Word { get; }

    /// <summary>Its value for scores that know nothing.</summary>
    internal abstract double Chance { get; }

    /// <summary>How well a model's scores fit: AUC, or R².</summary>
    internal abstract double Knowledge(double[] scores, float[] y);

    /// <summary>How strongly a column alone orders the labels, in either direction; at least the chance, at most 1.</summary>
    internal abstract double Alone(double[] column, float[] y);

    internal abstract double MostAlone(LeakGateOptions options);

    /// <summary>Whether there are labels enough to tell a leak from luck.</summary>
    internal abstract bool CanTell(float[] y);

    /// <summary>Name of what <see cref="Order"/> gives.</summary>
    internal abstract string OrderWord { get; }

    internal abstract double OrderChance { get; }

    /// <summary>How well scores order the labels: AUC, or Spearman's rank correlation.</summary>
    internal abstract double Order(double[] scores, float[] y);

    /// <summary>How far from chance the order of scores may lie that know nothing of these labels.</summary>
    internal abstract double OrderAllowed(float[] y);

    /// <summary>From chance to a perfect order.</summary>
    private double OrderReach => 1 - OrderChance;

    /// <summary>Half way from chance to a perfect order: no excuse reaches further.</summary>
    internal double OrderMostAllowed => OrderReach / 2;

    /// <summary>How far from chance the order of rows in so many independent lists may lie in a simulation without signal.</summary>
    /// <remarks>Labels of a list may be differences between its rows, of which some hundreds wander further by chance than thousands of rows do.</remarks>
    internal double NoSignalAllowed(int lists) => OrderReach * Math.Max(0.04, 3 / Math.Sqrt(Math.Max(1, lists - 1)));

    /// <summary>Labels in the opposite sense: 0 and 1 swapped, or the same amounts in the opposite order, those alike in an order by chance.</summary>
    internal abstract float[] Mirrored(float[] y, Random random);

    private sealed class YesNo : LeakMeasure
    {
        // Below this many rows of either class an AUC near 1 happens by chance.
        private const int FewestOfAClass = 30;

        internal override string Word => "AUC";
        internal override double Chance => 0.5;
        internal override double Knowledge(double[] scores, float[] y) => AreaUnderCurve.Of(scores, y);
        internal override double Alone(double[] column, float[] y) => AreaUnderCurve.Of(column, y) is var auc ? Math.Max(auc, 1 - auc) : 0;
        internal override double MostAlone(LeakGateOptions options) => options.MaxSingleFeatureAuc;
        internal override bool CanTell(float[] y) => y.Count(v => v == 1) is var positives && Math.Min(positives, y.Length - positives) >= FewestOfAClass;
        internal override string OrderWord => "AUC";
        internal override double OrderChance => 0.5;
        internal override double Order(double[] scores, float[] y) => AreaUnderCurve.Of(scores, y);

        // 3/√n, n being the number of rows that a balanced test of the same precision would have.
        internal override double OrderAllowed(float[] y) => y.Average(v => (double)v) is var rate ? 3 / Math.Sqrt(4 * rate * (1 - rate) * y.Length) : 0;
        internal override float[] Mirrored(float[] y, Random random) => [.. y.Select(v => 1 - v)];
    }

    private sealed class Amount : LeakMeasure
    {
        // Below this many rows, or of this many rows that are not all alike, a correlation near 1 happens by chance.
        private const int FewestRows = 30;

        internal override string Word => "R²";
        internal override double Chance => 0;
        internal override double Knowledge(double[] scores, float[] y) => RSquared.Of(scores, y);

        // The squared rank correlation: R² of the ranks, the same under every monotone change of scale.
        internal override double Alone(double[] column, float[] y) => Spearman.Of(column, y) is var rho ? rho * rho : 0;
        internal override double MostAlone(LeakGateOptions options) => options.MaxSingleFeatureR2;
        internal override bool CanTell(float[] y) => y.Length >= FewestRows && y.Length - y.CountBy(v => v).Max(g => g.Value) >= FewestRows;
        internal override string OrderWord => "rank correlation";
        internal override double OrderChance => 0;
        internal override double Order(double[] scores, float[] y) => Spearman.Of(scores, y);
        internal override double OrderAllowed(float[] y) => 3 / Math.Sqrt(y.Length - 1);

        // The amounts stay the same, since an estimator may rest on how they lie: that most are 0, that none is negative.
        internal override float[] Mirrored(float[] y, Random random)
        {
            int[] rows = [.. Enumerable.Range(0, y.Length)];
            random.Shuffle(rows);
            int[] ascending = [.. rows.OrderBy(row => y[row])];
            var mirrored = new float[y.Length];
            for (var place = 0; place < ascending.Length; place++) mirrored[ascending[place]] = y[ascending[^(place + 1)]];
            return mirrored;
        }
    }
}
