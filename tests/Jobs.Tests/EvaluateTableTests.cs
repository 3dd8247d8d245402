using System.Globalization;
using System.Text.Json;
using Media.Evaluation;

namespace Media.Tests.Jobs;

/// <summary><c>jobs evaluate table</c> on small tables of its own.</summary>
public sealed class EvaluateTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-table-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task YesOrNo_IsLearntFromNumbersWordsAndAbsences()
    {
        Write("train.csv", 300, seed: 1, "id,size,colour,answer", Row);
        Write("test.csv", 200, seed: 2, "id,size,colour,answer,more", (random, row) => Row(random, row) + ",1");
        var (line, remarks) = await RunAsync("--label", "answer", "--id", "id");
        Assert.True(line.GetProperty("auc").GetDouble() > 0.85);
        foreach (var metric in (string[])["auc", "log_loss", "average_precision"])
            Assert.True(line.GetProperty($"{metric}_low").GetDouble() < line.GetProperty(metric).GetDouble() && line.GetProperty(metric).GetDouble() < line.GetProperty($"{metric}_high").GetDouble());
        Assert.Equal((300, 200), (line.GetProperty("rows_train").GetInt32(), line.GetProperty("rows_test").GetInt32()));
        var expected = File.ReadLines(Path.Combine(_folder, "test.csv")).Skip(1).Select(l => l.Split(',')).Select(f => $"{f[0]},{f[3]}");
        Assert.Equal(RowChecksum.Of(expected), line.GetProperty("checksum").GetString());
        Assert.True(line.GetProperty("baseline").GetProperty("auc").GetDouble() < line.GetProperty("auc").GetDouble());
        Assert.Contains("label 1 is 'yes'", remarks, StringComparison.Ordinal);
        Assert.Contains("passed over: more", remarks, StringComparison.Ordinal);

        static string Row(Random random, int row)
        {
            var (size, colour) = (random.NextDouble() * 10, new[] { "red", "blue", "green" }[random.Next(3)]);
            var yes = size + (colour == "red" ? 4 : 0) + random.NextDouble() * 3 > 8;
            return string.Create(CultureInfo.InvariantCulture, $"{row},{(random.Next(9) == 0 ? "NA" : size.ToString("F3", CultureInfo.InvariantCulture))},{(row % 17 == 3 ? $"unseen{random.Next(90)}" : colour)},{(yes ? "yes" : "no")}");
        }
    }

    [Fact]
    public async Task Amount_IsJudgedAsOne()
    {
        Write("train.csv", 250, seed: 1, "a,b,y", Row);
        Write("test.csv", 100, seed: 2, "b,a,y", (random, row) => Row(random, row) is var text ? string.Join(',', text.Split(',')[1], text.Split(',')[0], text.Split(',')[2]) : "");
        var (line, _) = await RunAsync("--label", "y", "--regression");
        Assert.True(line.GetProperty("r2").GetDouble() > 0.9);
        Assert.True(line.GetProperty("mae").GetDouble() < 1);
        var expected = File.ReadLines(Path.Combine(_folder, "test.csv")).Skip(1).Select((l, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1},{l.Split(',')[2]}"));
        Assert.Equal(RowChecksum.Of(expected), line.GetProperty("checksum").GetString());

        static string Row(Random random, int row)
        {
            var (a, b) = (random.NextDouble() * 10, random.NextDouble());
            return string.Create(CultureInfo.InvariantCulture, $"{a:F4},{b:F4},{2 * a - 5 * b + random.NextDouble():F4}");
        }
    }

    [Theory]
    [InlineData("y", "a,y\n1,0\n2,1\n3,2\n", "a,y\n1,0\n", "3 different values")]
    [InlineData("y", "a,y\n1,0\n2,0\n", "a,y\n1,0\n", "both classes")]
    [InlineData("y", "a,y\n1,0\n2,1\n", "a,y\n1,0\n", "at least 5 of each")]
    [InlineData("z", "a,y\n1,0\n2,1\n", "a,y\n1,0\n", "no column 'z'")]
    [InlineData("y", "a,b,y\n1,1,0\n2,1,1\n", "c,y\n1,0\n", "test.csv has none of the columns")]
    [InlineData("y", "a,y\n1,0\n2,1\n", "a\n1\n", "test.csv has no column 'y'")]
    [InlineData("y", "y\n0\n1\n", "y\n0\n", "no column to learn from")]
    [InlineData("y", "a,y\n1,0\n2,1\n", "a,y\n1,7\n", "test.csv row 1 has the label '7'")]
    [InlineData("y", "a,y\n1,0\n2,1\n", "a,y\n", "test.csv has no rows")]
    public async Task TableThatCannotBeLearnt_SaysWhy(string label, string train, string test, string says)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "train.csv"), train, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "test.csv"), test, TestContext.Current.CancellationToken);
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync("--label", label));
        Assert.True(fault is ArgumentException or InvalidDataException, fault.ToString());
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    private void Write(string name, int rows, int seed, string header, Func<Random, int, string> row)
    {
        var random = new Random(seed);
        File.WriteAllLines(Path.Combine(_folder, name), Enumerable.Range(0, rows).Select(r => row(random, r)).Prepend(header));
    }

    private Task<(JsonElement Line, string Remarks)> RunAsync(params string[] options) =>
        EvaluateRun.OfAsync(["table", "--train", Path.Combine(_folder, "train.csv"), "--test", Path.Combine(_folder, "test.csv"), .. options]);
}
