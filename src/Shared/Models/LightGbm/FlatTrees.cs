using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Media.Models.LightGbm;

/// <summary>LightGBM's trees laid out for walking in .NET: the scores are bit-equal to LightGBM's, without the native library.</summary>
/// <remarks>
/// Rows hold <see cref="Columns"/> floats, NaN = missing. Immutable, thread-safe, allocates nothing when scoring.
/// <para>
/// A node is 8 bytes and its children lie side by side, so a step is one comparison added to an offset, without a branch to mispredict. A leaf is a node that
/// leads to itself, so eight trees walk in step, each as deep as the deepest of them, and their memory waits overlap. A float compares with a double threshold as
/// with the largest float not above it, so thresholds are floats.
/// </para>
/// </remarks>
public sealed unsafe partial class FlatTrees
{
    /// <summary>Most leaves of one tree that the layout holds.</summary>
    public const int MostLeaves = 32_767;

    /// <summary>Most columns that the layout holds.</summary>
    public const int MostColumns = 32_767;

    private const int Lanes = 8;
    private const int RowBlock = 128;

    private readonly Node[] _nodes;
    private readonly double[] _values;
    private readonly int[] _roots;
    private readonly int[] _depths;
    private readonly Special[]? _special;
    private readonly uint[] _categories;
    private readonly Link _link;
    private readonly double _sigmoid;

    private FlatTrees(string[] names, Node[] nodes, double[] values, int[] roots, int[] depths, Special[]? special, uint[] categories, (Link Link, double Sigmoid) output) =>
        (FeatureNames, _nodes, _values, _roots, _depths, _special, _categories, _link, _sigmoid) = (names, nodes, values, roots, depths, special, categories, output.Link, output.Sigmoid);

    public IReadOnlyList<string> FeatureNames { get; }
    public int Columns => FeatureNames.Count;
    public int Trees => _roots.Length;

    /// <summary>Raw score of one row: log-odds for a binary model, the mean's logarithm for Poisson, Tweedie and Gamma.</summary>
    /// <exception cref="ArgumentException">The row has another width.</exception>
    public double RawScore(ReadOnlySpan<float> row)
    {
        if (row.Length != Columns) throw new ArgumentException($"row has {row.Length} numbers but the model has {Columns} columns.");
        fixed (float* x = row)
        fixed (Node* nodes = _nodes)
        fixed (double* values = _values)
            return _special is null ? WalkTogether(x, nodes, values) : WalkSpecial(x, nodes, values);
    }

    /// <summary>Raw score of each row.</summary>
    /// <param name="values">rows × Columns, row-major.</param>
    /// <param name="scores">One per row.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void RawScores(ReadOnlySpan<float> values, Span<double> scores)
    {
        if ((long)scores.Length * Columns != values.Length)
            throw new ArgumentException($"values has {values.Length} numbers but {scores.Length} rows × {Columns} columns need {(long)scores.Length * Columns}.");
        if (scores.Length == 1)
        {
            scores[0] = RawScore(values); // one request's row: trees side by side instead of rows
            return;
        }
        fixed (float* x = values)
        fixed (double* to = scores)
        fixed (Node* nodes = _nodes)
        fixed (double* leaves = _values)
            if (_special is null)
                for (var start = 0; start < scores.Length; start += RowBlock)
                    WalkBlock(x + (long)start * Columns, Math.Min(RowBlock, scores.Length - start), to + start, nodes, leaves);
            else
                for (var row = 0; row < scores.Length; row++) to[row] = WalkSpecial(x + (long)row * Columns, nodes, leaves);
    }

    /// <summary>Score of one row as LightGBM predicts it: a probability for a binary model, the amount for a regression, the raw score for a ranking.</summary>
    /// <exception cref="ArgumentException">The row has another width.</exception>
    public double Predict(ReadOnlySpan<float> row) => Transform(RawScore(row));

    /// <summary>Score of each row as LightGBM predicts it.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void Predict(ReadOnlySpan<float> values, Span<double> scores)
    {
        RawScores(values, scores);
        for (var i = 0; i < scores.Length; i++) scores[i] = Transform(scores[i]);
    }

    private double Transform(double raw) => _link switch
    {
        Link.Sigmoid => 1.0 / (1.0 + Math.Exp(-_sigmoid * raw)),
        Link.Exponential => Math.Exp(raw),
        _ => raw,
    };

    private double WalkTogether(float* x, Node* nodes, double* values)
    {
        var sum = 0.0;
        var tree = 0;
        fixed (int* roots = _roots)
        fixed (int* depths = _depths)
        {
            for (; tree + Lanes <= _roots.Length; tree += Lanes)
            {
                var root = roots + tree;
                Node* a = nodes + root[0], b = nodes + root[1], c = nodes + root[2], d = nodes + root[3];
                Node* e = nodes + root[4], f = nodes + root[5], g = nodes + root[6], h = nodes + root[7];
                for (var depth = depths[tree / Lanes]; depth > 0; depth--)
                {
                    a = Step(a, x);
                    b = Step(b, x);
                    c = Step(c, x);
                    d = Step(d, x);
                    e = Step(e, x);
                    f = Step(f, x);
                    g = Step(g, x);
                    h = Step(h, x);
                }
                // One by one in tree order: floating-point sums depend on it.
                sum += values[a - nodes];
                sum += values[b - nodes];
                sum += values[c - nodes];
                sum += values[d - nodes];
                sum += values[e - nodes];
                sum += values[f - nodes];
                sum += values[g - nodes];
                sum += values[h - nodes];
            }
            for (; tree < _roots.Length; tree++) sum += values[Descend(nodes + roots[tree], x) - nodes];
        }
        return sum;
    }

    private void WalkBlock(float* x, int rows, double* scores, Node* nodes, double* values)
    {
        var columns = Columns;
        new Span<double>(scores, rows).Clear();
        foreach (var root in _roots)
        {
            var top = nodes + root;
            var row = 0;
            for (; row + 4 <= rows; row += 4)
            {
                float* x0 = x + row * columns, x1 = x0 + columns, x2 = x1 + columns, x3 = x2 + columns;
                Node* a = top, b = top, c = top, d = top;
                while (a->Offset + b->Offset + c->Offset + d->Offset != 0)
                {
                    a = Step(a, x0);
                    b = Step(b, x1);
                    c = Step(c, x2);
                    d = Step(d, x3);
                }
                scores[row] += values[a - nodes];
                scores[row + 1] += values[b - nodes];
                scores[row + 2] += values[c - nodes];
                scores[row + 3] += values[d - nodes];
            }
            for (; row < rows; row++) scores[row] += values[Descend(top, x + row * columns) - nodes];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Node* Step(Node* node, float* x)
    {
        var value = x[node->Column >> 1];
        var right = Convert.ToInt32(value > node->Threshold) | (Convert.ToInt32(float.IsNaN(value)) & node->Column);
        return node + (node->Offset + right);
    }

    private static Node* Descend(Node* node, float* x)
    {
        while (node->Offset != 0) node = Step(node, x);
        return node;
    }

    /// <summary>The walk for trees with category sets or zeros that count as missing: a branch more per node.</summary>
    private double WalkSpecial(float* x, Node* nodes, double* values)
    {
        var sum = 0.0;
        foreach (var root in _roots)
        {
            var node = nodes + root;
            while (node->Offset != 0)
            {
                var special = _special![node - nodes];
                node = special.Kind switch
                {
                    SpecialKind.Categories => node + node->Offset + (Holds(special, x[node->Column >> 1]) ? 0 : 1),
                    SpecialKind.ZeroIsMissing when IsZeroOrNaN(x[node->Column >> 1]) => node + node->Offset + (node->Column & 1),
                    _ => Step(node, x),
                };
            }
            sum += values[node - nodes];
        }
        return sum;
    }

    private bool Holds(Special special, float value)
    {
        if (float.IsNaN(value)) return false;
        var category = (int)value;
        var word = category >> 5;
        return category >= 0 && word < special.Words && (_categories[special.FirstWord + word] >> (category & 31) & 1) != 0;
    }

    private static bool IsZeroOrNaN(float value) => !(MathF.Abs(value) > ZeroThreshold);

    /// <summary>Column: bit 0 = NaN goes right, the rest the column. Offset: nodes from here to the left child, the right one being next; 0 for a leaf.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 8)]
    private struct Node
    {
        public float Threshold;
        public ushort Column;
        public ushort Offset;
    }

    /// <summary>From raw score to prediction.</summary>
    private enum Link : byte { None, Sigmoid, Exponential }

    private enum SpecialKind : byte { None, ZeroIsMissing, Categories }

    private readonly record struct Special(SpecialKind Kind, int FirstWord, int Words);
}
