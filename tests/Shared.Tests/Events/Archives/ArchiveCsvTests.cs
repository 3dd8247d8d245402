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
        Assert.Contains("data.csv row 2 has 'x' in column 'c'", Assert.Throws<UnreadableRowException>(() => csv.Number(2)).Message, StringComparison.Ordinal);
        Assert.False(csv.Read());
    }

    [Fact]
    public void FractionAndInfinity_AreNoWholeNumbers()
    {
        using var csv = Open("a,b\n1.5,1e999\n");
        csv.Read();
        Assert.Equal(1.5, csv.Number(0));
        Assert.Throws<UnreadableRowException>(() => csv.Whole(0));
        Assert.Throws<UnreadableRowException>(() => csv.Number(1));
    }

    [Fact]
    public void MissingColumns_AreAllNamed() =>
        Assert.Contains("no columns 'x', 'y'; it has a, b", Assert.Throws<InvalidDataException>(() => Open("a,b\n1,2\n", "a", "x", "y")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a,a\n1,2\n", "column 'a' twice")]
    public void UnusableHeader_IsRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Open(text, "a")).Message, StringComparison.Ordinal);

    [Fact]
    public void ColumnsOfOneName_AreAFaultOnlyWhenAskedFor()
    {
        using var csv = Open(",,a\n0,0,7\n", "a");
        Assert.True(csv.Read());
        Assert.Equal(7, csv.Whole(csv.Ordinal("a")));
        Assert.Null(csv.OrdinalIfAny("b"));
        Assert.Contains("column '' twice", Assert.Throws<InvalidDataException>(() => csv.OrdinalIfAny("")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\uFEFFa,b\r\n1,2\r\n\r\n3,4\r\n", "1,2 3,4")]
    [InlineData("a,b\n1,\"2\n\"\"x\"\"\"\n3,4", "1,2\n\"x\" 3,4")]
    [InlineData("a,b\n1,5\"\n3,4\n", "1,5\" 3,4")]
    public void MarksBlankLinesAndQuotes_AreNoFault(string text, string rows)
    {
        using var csv = Open(text, "a", "b");
        var read = new List<string>();
        csv.ReadAll(() => read.Add($"{csv.Field(0)},{csv.Field(1)}"), Assert.Fail, TestContext.Current.CancellationToken);
        Assert.Equal(rows, string.Join(' ', read));
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(1, 1, "1 of 2 rows cannot be read and are left out; the first: data.csv row 2 has 1 fields where 2 are named.")]
    [InlineData(198, 2, "2 of 200 rows cannot be read and are left out; the first: data.csv row 199 has 1 fields where 2 are named.")]
    public void FewUnreadableRows_AreLeftOutAndTold(int good, int bad, string? told)
    {
        using var csv = Open($"a,b\n{string.Concat(Enumerable.Repeat("1,2\n", good))}{string.Concat(Enumerable.Repeat("1\n", bad))}", "a");
        var (rows, heard) = (0, (string?)null);
        csv.ReadAll(() => rows++, said => heard = said, TestContext.Current.CancellationToken);
        Assert.Equal((good, told), (rows, heard));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 2)]
    [InlineData(197, 2)]
    public void ManyUnreadableRows_AreAnError(int good, int bad)
    {
        using var csv = Open($"a,b\n{string.Concat(Enumerable.Repeat("1\n", bad))}{string.Concat(Enumerable.Repeat("1,2\n", good))}", "a");
        var fault = Assert.Throws<InvalidDataException>(() => csv.ReadAll(() => { }, Assert.Fail, TestContext.Current.CancellationToken));
        Assert.Equal($"data.csv row 1 has 1 fields where 2 are named. {bad} of {good + bad} rows cannot be read, more than one in a hundred.", fault.Message);
    }

    [Fact]
    public void QuoteLeftOpen_CountsTheLinesThatItSwallows()
    {
        using var csv = Open($"a,b\n1,\"2\n3,4\n5,6\n{string.Concat(Enumerable.Repeat("7,\"8\"\n", 600))}", "a");
        var (rows, heard) = (0, "");
        csv.ReadAll(() => rows++, said => heard = said, TestContext.Current.CancellationToken);
        Assert.Equal(599, rows);
        Assert.Equal("4 of 603 rows cannot be read and are left out; the first: data.csv row 1 has a quote that is never closed.", heard);
    }

    [Fact]
    public void RowOfAnotherWidth_IsRefused()
    {
        using var csv = Open("a,b\n1,2\n1,2,3\n");
        Assert.True(csv.Read());
        Assert.Contains("row 2 has 3 fields where 2 are named", Assert.Throws<UnreadableRowException>(() => csv.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFileAndFolder_AreToldApart()
    {
        Assert.Contains("There is no file", Assert.Throws<FileNotFoundException>(() => ArchiveCsv.Open("none.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<FileNotFoundException>(() => ArchiveCsv.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    private static ArchiveCsv Open(string text, params string[] required) => ArchiveCsv.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), "data.csv", required);
}
