using Media.Models;

namespace Media.Tests.Models;

public class SparseLogisticTests
{
    [Fact]
    public void Optimum_HasNoSlope()
    {
        var random = new Random(41);
        var (rows, labels, learned) = Planted(random, 2_000);
        var model = SparseLogistic.Fit(rows, labels, learned, 3, TestContext.Current.CancellationToken);
        var slopes = model.Weights.Select(w => 3 * w).ToArray();
        var intercept = 0.0;
        foreach (var row in learned)
        {
            var miss = model.Predict(rows, row) - labels[row];
            rows.AddTo(row, miss, slopes);
            intercept += miss;
        }
        Assert.All(slopes.Append(intercept), slope => Assert.Equal(0, slope, 1e-3));
    }

    [Fact]
    public void PlantedWeights_AreFound()
    {
        var (rows, labels, learned) = Planted(new Random(42), 40_000);
        var model = SparseLogistic.Fit(rows, labels, learned, 1e-3, TestContext.Current.CancellationToken);
        Assert.All(model.Weights.Zip(PlantedWeights), w => Assert.Equal(w.Second, w.First, 0.12));
    }

    [Fact]
    public void OneClassOnly_PredictsIt()
    {
        var (rows, _, learned) = Planted(new Random(43), 10);
        Assert.Equal(0, SparseLogistic.Fit(rows, new float[10], learned, 1, TestContext.Current.CancellationToken).Predict(rows, 3));
        Assert.Equal(1, SparseLogistic.Fit(rows, [.. Enumerable.Repeat(1f, 10)], learned, 1, TestContext.Current.CancellationToken).Predict(rows, 3));
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        var (rows, labels, learned) = Planted(new Random(44), 10);
        Assert.Throws<ArgumentException>(() => SparseLogistic.Fit(rows, labels, learned, 0, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => SparseLogistic.Fit(rows, labels, [], 1, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => SparseLogistic.Fit(rows, labels.AsSpan(0, 5), learned, 1, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => SparseLogistic.Fit(rows, [.. labels.Skip(1), 0.5f], learned, 1, TestContext.Current.CancellationToken));
    }

    private static readonly double[] PlantedWeights = [0.8, -0.5, 0.3, 0, -1];

    private static (SparseRows Rows, float[] Labels, int[] Learned) Planted(Random random, int rows)
    {
        var (starts, indexes, values, labels) = (new int[rows + 1], new List<int>(), new List<float>(), new float[rows]);
        for (var row = 0; row < rows; row++)
        {
            var score = -1.0;
            for (var column = 0; column < PlantedWeights.Length; column++)
            {
                if (random.NextDouble() < 0.6) continue;
                var value = (float)(random.NextDouble() * 2);
                indexes.Add(column);
                values.Add(value);
                score += PlantedWeights[column] * value;
            }
            starts[row + 1] = indexes.Count;
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1 : 0;
        }
        return (new SparseRows(PlantedWeights.Length, starts, [.. indexes], [.. values]), labels, [.. Enumerable.Range(0, rows)]);
    }
}
