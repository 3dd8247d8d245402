using Media.Events.Archives;
using Media.Tests.Lake;

namespace Media.Tests.Events.Archives;

public sealed class UpworthyArchiveTests : IDisposable
{
    private const string Header = "index,clickability_test_id,headline,impressions,clicks,test_week,eyecatcher_id,randomization_risk_window\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Package_IsReadWithQuotesCommasAndLineEnds()
    {
        var package = Read(Header + "7,t,\"\"\"Who, me?\"\"\nyes\",1000,12,201303,e,false\n").Single();
        Assert.Equal(new HeadlinePackage(7, "t", "\"Who, me?\"\nyes", 1000, 12, 201303, "e", InRiskWindow: false), package);
        Assert.Equal(0.012, package.ClickRate, 12);
    }

    [Fact]
    public void Packages_AreOrderedByTestThenIndex() =>
        Assert.Equal([("a", 3), ("a", 10), ("b", 2)], Read(Header + "10,a,x,9,1,201303,,0\n2,b,x,9,1,201303,,0\n3,a,x,9,1,201303,,1\n").Select(p => (p.TestId, (int)p.Index)));

    [Theory]
    [InlineData(201325, false)]
    [InlineData(201326, true)]
    [InlineData(201352, true)]
    [InlineData(201402, true)]
    [InlineData(201403, false)]
    public void WithoutItsColumn_TheRiskWindowFollowsFromTheWeek(int week, bool inside) =>
        Assert.Equal(inside, Read($"clickability_test_id,headline,impressions,clicks,test_week\nt,x,9,1,{week}\n").Single().InRiskWindow);

    [Fact]
    public void UnnamedIndexAndCreationTime_AreTakenInPlaceOfIndexAndWeek()
    {
        var package = Read(",created_at,clickability_test_id,headline,impressions,clicks\n11,2013-06-25 04:05:06.789,t,x,9,1\n").Single();
        Assert.Equal((11L, 201326, true, ""), (package.Index, package.Week, package.InRiskWindow, package.Eyecatcher));
    }

    [Theory]
    [InlineData("", "d.csv is empty: not even column names.")]
    [InlineData("headline,clicks\n", "d.csv has no columns 'clickability_test_id', 'impressions'; it has headline, clicks.")]
    [InlineData(Header + "1,t,x,many,1,201303,,0\n", "d.csv row 1 has 'many' in column 'impressions', which is not a number.")]
    [InlineData(Header + "1,t,x,9.5,1,201303,,0\n", "d.csv row 1 has '9.5' in column 'impressions', which is not a whole number.")]
    [InlineData(Header + "2,t,y,9,10,201303,,0\n", "d.csv row 1 has 10 clicks of 9 impressions.")]
    [InlineData(Header + "1,,x,9,1,201303,,0\n", "d.csv row 1 has no clickability_test_id.")]
    [InlineData(Header + "1,t,x,9,1,2013,,0\n", "d.csv row 1 has the test_week 2013, which is not year × 100 + week.")]
    [InlineData(Header + "1,t,x,9,1,201303,,perhaps\n", "d.csv row 1 has 'PERHAPS' in column 'randomization_risk_window', which is neither true nor false.")]
    [InlineData("clickability_test_id,headline,impressions,clicks,created_at\nt,x,9,1,noon\n", "d.csv row 1 has 'noon' in column 'created_at', which is not a time.")]
    public void FileWithoutOneGoodRow_SaysWhy(string csv, string message) => Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => Read(csv)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("5143608e220cb800020009ed", 201311)]
    [InlineData("t", 0)]
    public void WithoutWeekAndCreationTime_TheTestsIdTellsTheWeek(string test, int week) =>
        Assert.Equal(week, Read($"clickability_test_id,headline,impressions,clicks,test_week\n{test},x,3052.0,1.0,\n").Single().Week);

    [Fact]
    public void RowStandingTwice_IsOnePackage_AndAnotherOfItsNumberIsKept()
    {
        var told = "";
        Assert.Equal(["x", "y"], Read(Header + "1,t,x,9,1,201303,,0\n1,t,y,0,0,201303,,0\n1,t,x,9,1,201303,,0\n", said => told = said).Select(p => p.Headline));
        Assert.Equal("d.csv: 1 rows stand there again, index and all, and are left out.", told);
    }

    [Fact]
    public void RealFile_IsWhole()
    {
        var packages = UpworthyArchive.Read(SharedData.PathOrSkip("data", "upworthy", "packages_201303_201440.csv.gz"), Assert.Fail, TestContext.Current.CancellationToken);
        Assert.Equal((15_432, 3_427), (packages.Count, packages.DistinctBy(p => p.TestId).Count()));
        Assert.Equal((59_458_638, 978_665), (packages.Sum(p => p.Impressions), packages.Sum(p => p.Clicks)));
        Assert.All(packages, p => Assert.Equal(p.InRiskWindow, p.Week is >= 201326 and <= 201402));
    }

    private IReadOnlyList<HeadlinePackage> Read(string csv, Action<string>? tell = null)
    {
        var path = Path.Combine(_folder.Path, "d.csv");
        File.WriteAllText(path, csv);
        return UpworthyArchive.Read(path, tell ?? Assert.Fail, TestContext.Current.CancellationToken);
    }
}
