using Media.Recommendation;

namespace Media.Tests.Recommendation;

public class FactorisationTests
{
    private static readonly SparseMatrix Train = PlantedTaste.Draw(300, 90, 3, 9, seed: 4);

    [Fact]
    public void Nmf_LossFallsEveryRound_AndIsThatOfTheDenseProduct()
    {
        var fit = new Nmf.NmfFit(Train, new NmfOptions { Factors = 5 });
        var before = fit.Loss(TestContext.Current.CancellationToken);
        for (var round = 0; round < 40; round++)
        {
            fit.Round(TestContext.Current.CancellationToken);
            var after = fit.Loss(TestContext.Current.CancellationToken);
            Assert.True(after <= before * (1 + 1e-6), $"Round {round} raised the loss from {before} to {after}.");
            before = after;
        }

        var nmf = fit.Done(TestContext.Current.CancellationToken);
        var x = Train.Dense();
        double loss = 0;
        for (var u = 0; u < Train.Rows; u++)
            for (var i = 0; i < Train.Columns; i++)
            {
                double product = 0;
                for (var f = 0; f < 5; f++) product += nmf.UserFactors.Row(u)[f] * nmf.ItemFactors.Row(i)[f];
                loss += (x[u, i] - product) * (x[u, i] - product) / 2;
            }
        Assert.Equal(loss, before, 1e-3 * loss);
    }

    /// <summary>Three groups of users with items of their own: the product of rank three is exact, and each topic is one group.</summary>
    [Fact]
    public void Nmf_RecoversPlantedFactors()
    {
        var triples = new List<Interaction>();
        for (var user = 0; user < 90; user++)
            for (var item = user % 3; item < 30; item += 3) triples.Add(new Interaction(user, item, (1 + user % 5) * (1 + item % 4)));

        var fit = new Nmf.NmfFit(SparseMatrix.From(90, 30, triples.ToArray()), new NmfOptions { Factors = 3 });
        for (var round = 0; round < 200; round++) fit.Round(TestContext.Current.CancellationToken);

        Assert.InRange(fit.Loss(TestContext.Current.CancellationToken), -0.01, 0.01);
        var items = fit.Done(TestContext.Current.CancellationToken).ItemFactors;
        for (var f = 0; f < 3; f++)
        {
            var group = Enumerable.Range(0, 30).MaxBy(i => items.Row(i)[f]) % 3;
            Assert.All(Enumerable.Range(0, 30).Where(i => i % 3 != group), i => Assert.Equal(0, items.Row(i)[f], 1e-3f));
        }
    }

    [Fact]
    public void Nmf_FactorsAreNeverNegative()
    {
        var nmf = Nmf.Fit(Train, new NmfOptions { Factors = 7, L2 = 1 }, TestContext.Current.CancellationToken);

        Assert.True(nmf.ItemFactors.Cells.IndexOfAnyInRange(float.NegativeInfinity, -float.Epsilon) < 0);
        Assert.True(nmf.UserFactors.Cells.IndexOfAnyInRange(float.NegativeInfinity, -float.Epsilon) < 0);
    }

    [Fact]
    public void Als_ObjectiveFallsEveryRound()
    {
        var losses = ImplicitAls.Fit(Train.Map(v => 1.5f * v), new ImplicitAlsOptions { Factors = 6, Rounds = 25 }, keepLosses: true, TestContext.Current.CancellationToken).Losses;

        for (var round = 1; round < 25; round++) Assert.True(losses[round] <= losses[round - 1] * (1 + 1e-6), $"Round {round} raised the loss from {losses[round - 1]} to {losses[round]}.");
        Assert.True(losses[24] < 0.99 * losses[0]);
    }

    /// <summary>(α₀ HᵀH + λ (Σ c + α₀ n) I + Σ c h hᵀ) w = Σ c h, solved densely in double precision.</summary>
    [Fact]
    public void Als_ScoresAreThoseOfTheUsersExactSolution()
    {
        const int Width = 6;
        var als = ImplicitAls.Fit(Train, new ImplicitAlsOptions { Factors = Width, UnobservedWeight = 0.3, L2 = 0.02 }, TestContext.Current.CancellationToken);
        int[] items = [1, 4, 7];
        float[] strengths = [1, 2, 3];
        var (matrix, right) = (new double[Width * Width], new double[Width]);
        for (var f = 0; f < Width; f++)
        {
            for (var g = 0; g <= f; g++)
            {
                if (f == g) matrix[f * Width + g] = 0.02 * (6 + 0.3 * 90);
                for (var i = 0; i < 90; i++) matrix[f * Width + g] += 0.3 * als.ItemFactors.Row(i)[f] * als.ItemFactors.Row(i)[g];
                for (var h = 0; h < 3; h++) matrix[f * Width + g] += (double)strengths[h] * als.ItemFactors.Row(items[h])[f] * als.ItemFactors.Row(items[h])[g];
            }
            for (var h = 0; h < 3; h++) right[f] += (double)strengths[h] * als.ItemFactors.Row(items[h])[f];
        }
        Media.Models.Cholesky.SolveInPlace(matrix, right);

        var scores = als.Scores(new SparseRow(items, strengths));

        for (var item = 0; item < 90; item++)
            Assert.Equal(Enumerable.Range(0, Width).Sum(f => right[f] * als.ItemFactors.Row(item)[f]), scores[item], 1e-4);
    }

    [Fact]
    public void NegativeStrength_IsRefused()
    {
        var negative = SparseMatrix.From(1, 1, [new(0, 0, -1)]);

        Assert.Throws<ArgumentException>(() => Nmf.Fit(negative, new NmfOptions(), TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => ImplicitAls.Fit(negative, new ImplicitAlsOptions(), TestContext.Current.CancellationToken));
    }
}
