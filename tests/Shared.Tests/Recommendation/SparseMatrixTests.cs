using Media.Recommendation;

namespace Media.Tests.Recommendation;

public class SparseMatrixTests
{
    [Fact]
    public void TriplesInAnyOrder_BecomeRowsOfRisingColumns_RepeatedOnesSummed()
    {
        var matrix = SparseMatrix.From(3, 4, [new(2, 3, 1), new(0, 2, 5), new(2, 0, 2), new(2, 3, 0.5f), new(0, 1, 0)]);

        Assert.Equal((3, 4, 4), (matrix.Rows, matrix.Columns, matrix.Count));
        Assert.Equal([1, 2], matrix.Row(0).Indices.ToArray());
        Assert.Equal([0f, 5f], matrix.Row(0).Values.ToArray());
        Assert.Equal(0, matrix.Row(1).Count);
        Assert.Equal([0, 3], matrix.Row(2).Indices.ToArray());
        Assert.Equal([2f, 1.5f], matrix.Row(2).Values.ToArray());
    }

    [Fact]
    public void Transposed_HoldsTheSameCells_AndBackAgainIsTheSame()
    {
        var matrix = PlantedTaste.Draw(50, 20, 4, 6, seed: 1).Map(v => 3 * v);
        var (rows, columns) = (matrix.Dense(), matrix.Transposed().Dense());
        for (var row = 0; row < 50; row++)
            for (var column = 0; column < 20; column++) Assert.Equal(rows[row, column], columns[column, row]);
        Assert.Equal(rows, matrix.Transposed().Transposed().Dense());
    }

    [Theory]
    [InlineData(2, 0, 1f, "(2, 0)")]
    [InlineData(0, -1, 1f, "outside")]
    [InlineData(0, 0, float.NaN, "NaN")]
    public void TripleThatDoesNotFit_IsNamed(int user, int item, float strength, string says)
    {
        var fault = Assert.Throws<ArgumentException>(() => SparseMatrix.From(2, 2, [new(user, item, strength)]));
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RowOfUnequalLengths_IsRefused() => Assert.Throws<ArgumentException>(() => new SparseRow([1, 2], [1]));

    [Fact]
    public void TopItems_AreBestFirst_EqualOnesBySmallerItem_ImpossibleOnesLeftOut()
    {
        Assert.Equal([3, 0, 2], TopItems.Of([5, 1, 5, 7, 5], 3));
        Assert.Equal([1], TopItems.Of([float.NegativeInfinity, 0], 3));
        Assert.Throws<ArgumentException>(() => TopItems.Of([0, float.NaN], 1));
    }

    [Fact]
    public void TopItems_AreThoseOfAFullSort()
    {
        var random = new Random(1);
        var scores = Enumerable.Range(0, 1000).Select(_ => (float)random.Next(300)).ToArray();

        Assert.Equal(Enumerable.Range(0, 1000).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(50), TopItems.Of(scores, 50));
    }
}
