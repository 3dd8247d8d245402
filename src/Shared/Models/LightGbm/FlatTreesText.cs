using System.Globalization;

namespace Media.Models.LightGbm;

/// <content>Reads LightGBM's text form.</content>
public sealed partial class FlatTrees
{
    /// <summary>LightGBM takes a magnitude up to this for zero (its kZeroThreshold).</summary>
    private const float ZeroThreshold = 1e-35f;

    private const int CategoricalBit = 1;
    private const int DefaultLeftBit = 2;
    private const int MissingShift = 2;

    /// <summary>Lays out the trees of a LightGBM 4 text model with one output.</summary>
    /// <exception cref="InvalidDataException">Not such a model, inconsistent, larger than the layout, or of a kind not walked here (several classes, random-forest averaging, linear leaves); the message says which.</exception>
    public static FlatTrees Parse(string text)
    {
        try
        {
            return new Reader(text).Read();
        }
        catch (Exception e) when (e is FormatException or OverflowException or KeyNotFoundException or IndexOutOfRangeException or ArgumentException)
        {
            throw new InvalidDataException($"Not a readable LightGBM model: {e.Message}", e);
        }
    }

    private sealed class Reader(string text)
    {
        private readonly List<Node> _nodes = [];
        private readonly List<double> _values = [];
        private readonly List<Special> _special = [];
        private readonly List<int> _roots = [];
        private readonly List<int> _depths = [];
        private readonly List<uint> _categories = [];
        private int _columns;

        public FlatTrees Read()
        {
            var blocks = Blocks();
            var header = blocks[0];
            if (!header.ContainsKey("tree")) throw new InvalidDataException("Not a LightGBM model: its first line is not 'tree'.");
            if (header.ContainsKey("average_output")) throw new InvalidDataException("This LightGBM model averages its trees (random forest); only boosted sums are walked.");
            if (header["num_tree_per_iteration"] != "1") throw new InvalidDataException($"This LightGBM model has {header["num_tree_per_iteration"]} outputs; only one is walked.");
            var names = header["feature_names"].Split(' ');
            _columns = names.Length;
            if (_columns > MostColumns) throw new InvalidDataException($"The model has {_columns} columns; at most {MostColumns} fit.");
            if (_columns != Integer(header["max_feature_idx"]) + 1) throw new InvalidDataException("feature_names and max_feature_idx disagree.");
            for (var i = 1; i < blocks.Count; i++) AddTree(blocks[i]);
            if (_roots.Count != header["tree_sizes"].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length)
                throw new InvalidDataException($"The header announces other trees than the {_roots.Count} found.");

            var groups = new int[(_depths.Count + Lanes - 1) / Lanes];
            for (var i = 0; i < _depths.Count; i++) groups[i / Lanes] = Math.Max(groups[i / Lanes], _depths[i]);
            var special = _special.Exists(s => s.Kind != SpecialKind.None) ? _special.ToArray() : null;
            return new FlatTrees(names, [.. _nodes], [.. _values], [.. _roots], groups, special, [.. _categories], Output(header["objective"]));
        }

        /// <summary>The header and each tree as their key=value lines, up to "end of trees".</summary>
        private List<Dictionary<string, string>> Blocks()
        {
            var blocks = new List<Dictionary<string, string>> { new(StringComparer.Ordinal) };
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                if (line.SequenceEqual("end of trees")) return blocks;
                if (line.StartsWith("Tree=")) blocks.Add(new(StringComparer.Ordinal));
                var equals = line.IndexOf('=');
                if (equals >= 0) blocks[^1].Add(line[..equals].ToString(), line[(equals + 1)..].ToString());
                else if (line.Length > 0) blocks[^1].Add(line.ToString(), "");
            }
            throw new InvalidDataException("The LightGBM model is cut off: it has no 'end of trees'.");
        }

        private static (Link, double Sigmoid) Output(string objective)
        {
            var words = objective.Split(' ');
            return words[0] switch
            {
                "binary" => (Link.Sigmoid, Number(words.Single(w => w.StartsWith("sigmoid:", StringComparison.Ordinal))["sigmoid:".Length..])),
                // A second word changes the meaning: "regression sqrt" squares its output.
                "regression" or "regression_l1" or "huber" when words.Length == 1 => (Link.None, 0),
                "lambdarank" => (Link.None, 0),
                "poisson" or "tweedie" or "gamma" => (Link.Exponential, 0),
                _ => throw new InvalidDataException($"The objective '{objective}' is not walked; binary, regression, regression_l1, huber, poisson, tweedie, gamma and lambdarank are."),
            };
        }

        private void AddTree(Dictionary<string, string> tree)
        {
            if (tree.GetValueOrDefault("is_linear", "0") != "0") throw new InvalidDataException("The model has linear leaves; only constant ones are walked.");
            var source = new TreeLines(tree);
            if (source.LeafCount is < 1 or > MostLeaves) throw new InvalidDataException($"A tree has {source.LeafCount} leaves; 1 – {MostLeaves} fit.");

            var firstWord = _categories.Count;
            _categories.AddRange(source.CategoryWords);
            var root = _nodes.Count;
            _roots.Add(root);
            Grow();
            // Breadth first, so that both children of a node are made together and lie side by side. A child is an inner node ≥ 0 or ~leaf.
            var queue = new Queue<(int Source, int At, int Depth)>([(source.LeafCount == 1 ? ~0 : 0, root, 0)]);
            var made = 0;
            var deepest = 0;
            while (queue.TryDequeue(out var next))
            {
                deepest = Math.Max(deepest, next.Depth);
                if (++made > 2 * source.LeafCount - 1) throw new InvalidDataException("A tree's children form no tree.");
                if (next.Source < 0)
                {
                    _nodes[next.At] = new Node { Threshold = float.PositiveInfinity };
                    var value = source.LeafValues[~next.Source];
                    if (!double.IsFinite(value)) throw new InvalidDataException("A leaf value is not finite.");
                    _values[next.At] = value;
                    continue;
                }
                var left = _nodes.Count;
                Grow();
                Grow();
                (_nodes[next.At], _special[next.At]) = Inner(source, next.Source, left - next.At, firstWord);
                queue.Enqueue((source.Left[next.Source], left, next.Depth + 1));
                queue.Enqueue((source.Right[next.Source], left + 1, next.Depth + 1));
            }
            _depths.Add(deepest);

            void Grow()
            {
                _nodes.Add(default);
                _values.Add(0);
                _special.Add(default);
            }
        }

        private (Node, Special) Inner(TreeLines tree, int at, int offset, int firstWord)
        {
            var column = tree.Columns[at];
            if (column < 0 || column >= _columns) throw new InvalidDataException($"A split names column {column} but there are {_columns}.");
            var decision = tree.Decisions[at];
            var threshold = tree.Thresholds[at];
            var defaultLeft = (decision & DefaultLeftBit) != 0;
            if ((decision & CategoricalBit) != 0)
            {
                var set = (int)threshold;
                var from = tree.CategoryBounds[set];
                var to = tree.CategoryBounds[set + 1];
                if (from < 0 || to < from || to > tree.CategoryWords.Length) throw new InvalidDataException("A category set lies outside its tree.");
                return (Split(threshold: 0, nanRight: true), new Special(SpecialKind.Categories, firstWord + from, to - from));
            }
            return (decision >> MissingShift) switch
            {
                // Without missing values in training LightGBM takes NaN for 0.
                0 => (Split(FloatBelow(threshold), nanRight: threshold < 0), default),
                1 => (Split(FloatBelow(threshold), nanRight: !defaultLeft), new Special(SpecialKind.ZeroIsMissing, 0, 0)),
                2 => (Split(FloatBelow(threshold), nanRight: !defaultLeft), default),
                var other => throw new InvalidDataException($"A split has the unknown missing type {other}."),
            };

            Node Split(float threshold, bool nanRight) =>
                new() { Threshold = threshold, Column = (ushort)(column << 1 | (nanRight ? 1 : 0)), Offset = checked((ushort)offset) };
        }

        /// <summary>The float t with v ≤ t exactly where LightGBM says v ≤ threshold, for every float v, those included that it rounds to zero first.</summary>
        private static float FloatBelow(double threshold)
        {
            if (double.IsNaN(threshold)) throw new InvalidDataException("A threshold is NaN.");
            var nearest = (float)threshold;
            var below = nearest > threshold ? MathF.BitDecrement(nearest) : nearest;
            return threshold >= 0 ? Math.Max(below, ZeroThreshold) : Math.Min(below, MathF.BitDecrement(-ZeroThreshold));
        }
    }

    /// <summary>One tree's lines as arrays, their lengths checked.</summary>
    private sealed class TreeLines
    {
        public TreeLines(Dictionary<string, string> tree)
        {
            LeafCount = Integer(tree["num_leaves"]);
            LeafValues = Numbers(tree["leaf_value"]);
            Expect(LeafValues.Length, LeafCount, "leaf_value");
            if (LeafCount == 1) return;
            Columns = Integers(tree["split_feature"]);
            Thresholds = Numbers(tree["threshold"]);
            Decisions = Integers(tree["decision_type"]);
            Left = Integers(tree["left_child"]);
            Right = Integers(tree["right_child"]);
            Expect(Columns.Length, LeafCount - 1, "split_feature");
            Expect(Thresholds.Length, LeafCount - 1, "threshold");
            Expect(Decisions.Length, LeafCount - 1, "decision_type");
            Expect(Left.Length, LeafCount - 1, "left_child");
            Expect(Right.Length, LeafCount - 1, "right_child");
            if (Integer(tree["num_cat"]) == 0) return;
            CategoryBounds = Integers(tree["cat_boundaries"]);
            CategoryWords = [.. Words(tree["cat_threshold"]).Select(w => uint.Parse(w, NumberStyles.None, CultureInfo.InvariantCulture))];
        }

        public int LeafCount { get; }
        public double[] LeafValues { get; }
        public int[] Columns { get; } = [];
        public double[] Thresholds { get; } = [];
        public int[] Decisions { get; } = [];
        public int[] Left { get; } = [];
        public int[] Right { get; } = [];
        public int[] CategoryBounds { get; } = [];
        public uint[] CategoryWords { get; } = [];

        private static void Expect(int got, int expected, string line)
        {
            if (got != expected) throw new InvalidDataException($"A tree's {line} has {got} entries, not {expected}.");
        }
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    private static int[] Integers(string line) => [.. Words(line).Select(Integer)];
    private static double[] Numbers(string line) => [.. Words(line).Select(Number)];
    private static int Integer(string word) => int.Parse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    // C++ prints infinities its own way.
    private static double Number(string word) => word switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
