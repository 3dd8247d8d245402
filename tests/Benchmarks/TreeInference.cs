using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Media.Models.LightGbm;

namespace Media.Benchmarks;

/// <summary>The same trees walked by <see cref="FlatTrees"/> and by LightGBM, a row a call and all rows in one call, on one thread. Mean time is per row.</summary>
/// <remarks>
/// 200 trees of 31 leaves over 59 columns. The rows differ from call to call: one row again and again would teach the processor LightGBM's branches.
/// Goal: ≥ 2× a row a call, ≥ 1.5× in bulk.
/// </remarks>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class TreeInference
{
    private const int Columns = 59;
    private const int TrainingCount = 20_000;
    private const int Rows = 4096;

    private readonly double[] _scores = new double[Rows];
    private float[] _values = [];
    private Booster _booster = null!;
    private Booster.SingleRow _singleRow = null!;
    private FlatTrees _trees = null!;

    [GlobalSetup]
    public void Grow()
    {
        var random = new Random(1);
        var training = Draw(random, TrainingCount);
        var labels = new float[TrainingCount];
        for (var row = 0; row < TrainingCount; row++) labels[row] = random.NextDouble() < Truth(training.AsSpan(row * Columns, Columns)) ? 1 : 0;
        var parameters = new LightGbmParameters { Trees = 200, Leaves = 31, RowsPerLeaf = 20 };
        _booster = Booster.Train(parameters, [.. Enumerable.Range(0, Columns).Select(c => $"c{c}")], new TrainingRows(training, Columns, labels), default, CancellationToken.None);
        _singleRow = _booster.RawSingleRow();
        _trees = FlatTrees.Parse(_booster.Text);
        _values = Draw(random, Rows);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _singleRow.Dispose();
        _booster.Dispose();
    }

    [BenchmarkCategory("row by row"), Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public double LightGbmSingleRowFast()
    {
        var sum = 0.0;
        for (var row = 0; row < Rows; row++) sum += _singleRow.Score(_values.AsSpan(row * Columns, Columns));
        return sum;
    }

    [BenchmarkCategory("row by row"), Benchmark(OperationsPerInvoke = Rows)]
    public double FlatTreesRow()
    {
        var sum = 0.0;
        for (var row = 0; row < Rows; row++) sum += _trees.RawScore(_values.AsSpan(row * Columns, Columns));
        return sum;
    }

    [BenchmarkCategory("bulk"), Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public double LightGbmPredictForMat() => _booster.RawScores(_values)[^1];

    [BenchmarkCategory("bulk"), Benchmark(OperationsPerInvoke = Rows)]
    public double FlatTreesBulk()
    {
        _trees.RawScores(_values, _scores);
        return _scores[^1];
    }

    /// <summary>Gaussians and, in every third column, small counts; one value in twenty is missing.</summary>
    private static float[] Draw(Random random, int rows)
    {
        var values = new float[rows * Columns];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.Next(20) == 0 ? float.NaN
                : i % Columns % 3 == 0 ? random.Next(12)
                : (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    /// <summary>Every column counts, some only together, so that all of them are split on.</summary>
    private static double Truth(ReadOnlySpan<float> row)
    {
        var logit = 0.0;
        for (var c = 0; c + 1 < row.Length; c++)
        {
            var (x, y) = (float.IsNaN(row[c]) ? 0.5f : row[c], float.IsNaN(row[c + 1]) ? 0 : row[c + 1]);
            logit += (c % 2 == 0 ? 0.2 * x : 0.1 * x * y) * (c % 4 < 2 ? 1 : -1);
        }
        return 1 / (1 + Math.Exp(-logit));
    }
}
