using System.Text;
using Media.Events.Archives;

namespace Media.Tests.Events.Archives;

public class ArchiveCsvTests
{
    [Fact]
    public void Fields_AreReadByName()
    {
        using var csv = Open(" a,b ,c\n1,\"two, and\nmore\",3.0\n4,,x\n", "a", "c");
        Assert.Equal(["a", "b", "c"], csv.Columns);
        Assert.True(csv.Read());
        Assert.Equal((1L, "two, and\nmore", 3L), (csv.Whole(csv.Ordinal("a")), csv.Field(csv.Ordinal("b")), csv.Whole(csv.Ordinal("c"))));
        Assert.True(csv.Read());
        Assert.Equal("", csv.Field(1));
        Assert.Contains("data.csv row 2 has 'x' in column 'c'", Assert.Throws<InvalidDataException>(() => csv.Number(2)).Message, StringComparison.Ordinal);
        Assert.False(csv.Read());
    }

    [Fact]
    public void FractionAndInfinity_AreNoWholeNumbers()
    {
        using var csv = Open("a,b\n1.5,1e999\n");
        csv.Read();
        Assert.Equal(1.5, csv.Number(0));
        Assert.Throws<InvalidDataException>(() => csv.Whole(0));
        Assert.Throws<InvalidDataException>(() => csv.Number(1));
    }

    [Fact]
    public void MissingColumns_AreAllNamed() =>
        Assert.Contains("no columns 'x', 'y'; it has a, b", Assert.Throws<InvalidDataException>(() => Open("a,b\n1,2\n", "a", "x", "y")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a,a\n1,2\n", "column 'a' twice")]
    public void UnusableHeader_IsRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Open(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void RowOfAnotherWidth_IsRefused()
    {
        using var csv = Open("a,b\n1,2\n1,2,3\n");
        Assert.True(csv.Read());
        Assert.Contains("row 2 has 3 fields where 2 are named", Assert.Throws<InvalidDataException>(() => csv.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFileAndFolder_AreToldApart()
    {
        Assert.Contains("There is no file", Assert.Throws<FileNotFoundException>(() => ArchiveCsv.Open("none.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<FileNotFoundException>(() => ArchiveCsv.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    private static ArchiveCsv Open(string text, params string[] required) => ArchiveCsv.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), "data.csv", required);
}
