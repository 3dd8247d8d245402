using Media.Recommendation;

namespace Media.Tests.Recommendation;

public class EaseTests
{
    /// <summary>Two users, two items, λ = 1: XᵀX + I = [[2, 1], [1, 3]], its inverse [[3, −1], [−1, 2]] ⁄ 5; so item 0 predicts item 1 with 1 ⁄ 2 and item 1 item 0 with 1 ⁄ 3.</summary>
    [Fact]
    public void WorkedExample()
    {
        var ease = Ease.Fit(SparseMatrix.From(2, 2, [new(0, 0, 1), new(0, 1, 1), new(1, 1, 1)]), new EaseOptions { L2 = 1 }, TestContext.Current.CancellationToken);

        Assert.Equal([0f, 0.5f], ease.Scores(new SparseRow([0], [1])));
        Assert.Equal(1f / 3, ease.Scores(new SparseRow([1], [1]))[0], 1e-6f);
    }

    /// <summary>333 rows: several blocks of pivots, the last one padded.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(48)]
    [InlineData(97)]
    [InlineData(333)]
    public void Inverse_IsThatOfGaussAndJordanInDoublePrecision(int size)
    {
        var random = new Random(size);
        var matrix = new SymmetricMatrix(size);
        var dense = new double[size, size];
        for (var i = 0; i < size; i++)
            for (var j = 0; j <= i; j++)
                dense[i, j] = dense[j, i] = matrix.Row(i)[j] = (float)(i == j ? size + random.NextDouble() : random.NextDouble() - 0.5);

        matrix.Invert(threads: 0, TestContext.Current.CancellationToken);

        var expected = Inverse(dense);
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++) Assert.Equal(expected[i, j], matrix.Row(i)[j], 1e-5 / size);
    }

    [Fact]
    public void MatrixThatIsNotPositiveDefinite_IsRefused()
    {
        var matrix = new SymmetricMatrix(2);
        matrix.Row(0)[0] = 1;
        (matrix.Row(1)[0], matrix.Row(1)[1]) = (2, 1);

        Assert.Throws<ArithmeticException>(() => matrix.Invert(threads: 0, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Weights_AreThoseOfTheDenseInverse()
    {
        var train = PlantedTaste.Draw(150, 60, 3, 7, seed: 2).Map(v => 2 * v);
        var dense = train.Dense();
        var gram = new double[60, 60];
        for (var i = 0; i < 60; i++)
            for (var j = 0; j < 60; j++)
            {
                if (i == j) gram[i, j] = 5;
                for (var u = 0; u < 150; u++) gram[i, j] += dense[u, i] * dense[u, j];
            }
        var inverse = Inverse(gram);

        var ease = Ease.Fit(train, new EaseOptions { L2 = 5 }, TestContext.Current.CancellationToken);

        for (var j = 0; j < 60; j++)
        {
            var scores = ease.Scores(new SparseRow([j], [1]));
            for (var i = 0; i < 60; i++) Assert.Equal(i == j ? 0 : -inverse[j, i] / inverse[i, i], scores[i], 1e-4);
        }
    }

    [Fact]
    public void BeyondMaxItems_TheLeastPopularScoreZero_AndTheOthersAsWithoutThem()
    {
        // Item 1 has one user, items 0 and 2 three each.
        Interaction[] common = [new(0, 0, 1), new(0, 2, 1), new(1, 0, 1), new(1, 2, 1), new(2, 0, 1), new(3, 2, 1)];
        var (cut, without) = (new EaseOptions { L2 = 1, MaxItems = 2 }, new EaseOptions { L2 = 1 });

        var ease = Ease.Fit(SparseMatrix.From(4, 3, [.. common, new(2, 1, 1)]), cut, TestContext.Current.CancellationToken);

        var expected = Ease.Fit(SparseMatrix.From(4, 3, common), without, TestContext.Current.CancellationToken).Scores(new SparseRow([0], [1]));
        Assert.Equal(expected, ease.Scores(new SparseRow([0, 1], [1, 1])));
        Assert.Equal(0, expected[1]);
    }

    private static double[,] Inverse(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var (left, right) = ((double[,])matrix.Clone(), new double[n, n]);
        for (var i = 0; i < n; i++) right[i, i] = 1;
        for (var k = 0; k < n; k++)
        {
            var pivot = left[k, k];
            for (var j = 0; j < n; j++) (left[k, j], right[k, j]) = (left[k, j] / pivot, right[k, j] / pivot);
            for (var i = 0; i < n; i++)
            {
                if (i == k) continue;
                var factor = left[i, k];
                for (var j = 0; j < n; j++)
                {
                    left[i, j] -= factor * left[k, j];
                    right[i, j] -= factor * right[k, j];
                }
            }
        }
        return right;
    }
}
