using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Media.Evaluation;
using Media.Models.LightGbm;

namespace Media.Benchmarks;

/// <summary>200 trees of 31 leaves on 200,000 rows × 59 columns, two threads: LightGBM through <see cref="Booster"/> beside xgboost's hist on the same rows, in turn.</summary>
/// <remarks>
/// Not a BenchmarkDotNet class, since the peer is another program: <c>dotnet run -c Release --project tests/Benchmarks -- tree-training [rounds]</c> writes the rows to
/// a temporary folder and takes turns with <c>peers/xgboost_training.py</c>, which needs python3 with numpy and xgboost. CPU seconds are of the training call with
/// binning, by each program's own count. Goal: ≤ 1.0 × CPU seconds, AUC within 0.001.
/// </remarks>
internal static class TreeTraining
{
    private const int Columns = 59;
    private const int TrainingRowCount = 200_000;
    private const int TestRowCount = 50_000;

    /// <param name="rounds">Measured turns of each side, after one to warm up.</param>
    public static void Run(int rounds, string peer)
    {
        var random = new Random(1);
        var (x, y) = Draw(random, TrainingRowCount);
        var (testX, testY) = Draw(random, TestRowCount);
        var folder = Directory.CreateTempSubdirectory("media-tree-training-");
        try
        {
            foreach (var (name, values) in new[] { ("train_x", x), ("train_y", y), ("test_x", testX), ("test_y", testY) })
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{name}.f32"), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
            var (ours, theirs) = (new List<Turn>(), new List<Turn>());
            for (var round = 0; round <= rounds; round++)
            {
                var (own, other) = (Train(x, y, testX, testY), TrainPeer(peer, folder.FullName));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}{(round == 0 ? " (warm-up)" : "")}: LightGBM {own}, xgboost {other}"));
                if (round == 0) continue;
                ours.Add(own);
                theirs.Add(other);
            }
            var (a, b) = (Median(ours), Median(theirs));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median: LightGBM {a}, xgboost {b}; CPU {a.CpuSeconds / b.CpuSeconds:0.00} ×, AUC {a.Auc - b.Auc:+0.0000;-0.0000}"));
        }
        finally { folder.Delete(recursive: true); }
    }

    private static Turn Train(float[] x, float[] y, float[] testX, float[] testY)
    {
        var parameters = new LightGbmParameters { Trees = 200, LearningRate = 0.1, Leaves = 31, RowsPerLeaf = 20, Bins = 255, Threads = 2 };
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        using var booster = Booster.Train(parameters, [.. Enumerable.Range(0, Columns).Select(c => $"c{c}")], new TrainingRows(x, Columns, y), default, CancellationToken.None);
        var turn = new Turn((Environment.CpuUsage.TotalTime - cpu).TotalSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds, 0);
        return turn with { Auc = AreaUnderCurve.Of(booster.RawScores(testX, threads: 2), testY) };
    }

    /// <summary>The peer prints CPU seconds, seconds and AUC in one line.</summary>
    private static Turn TrainPeer(string script, string folder)
    {
        var figures = PeerScript.Run(script, folder);
        return new Turn(figures[0], figures[1], figures[2]);
    }

    private static Turn Median(List<Turn> turns) => turns.OrderBy(t => t.CpuSeconds).ElementAt(turns.Count / 2);

    /// <summary>Gaussians and, in every third column, small counts; one value in twenty missing; a truth in which columns count alone and in pairs.</summary>
    private static (float[] X, float[] Y) Draw(Random random, int rows)
    {
        var (x, y) = (new float[rows * Columns], new float[rows]);
        for (var row = 0; row < rows; row++)
        {
            var values = x.AsSpan(row * Columns, Columns);
            var logit = 0.0;
            for (var c = 0; c < Columns; c++)
            {
                values[c] = c % 3 == 0 ? random.Next(12) : (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
                logit += (c % 3 == 0 ? 0.05 * (values[c] - 5.5) : c % 3 == 1 ? 0.15 * values[c] : 0.25 * values[c] * (float.IsNaN(values[c - 1]) ? 0 : values[c - 1])) * (c % 4 < 2 ? 1 : -1);
                if (random.Next(20) == 0) values[c] = float.NaN;
            }
            y[row] = random.NextDouble() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0;
        }
        return (x, y);
    }

    /// <summary>What one training took and gave.</summary>
    private sealed record Turn(double CpuSeconds, double Seconds, double Auc)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CpuSeconds:0.00} CPU s ({Seconds:0.0} s), AUC {Auc:0.0000}");
    }
}
