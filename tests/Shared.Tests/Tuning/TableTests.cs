using System.Globalization;
using Media.Models;
using Media.Tuning;

namespace Media.Tests.Tuning;

/// <summary>From cells to columns: what a table's columns are taken for and what their cells become.</summary>
public class TableTests
{
    [Fact]
    public void Columns_AreTakenForWhatTheyHold()
    {
        var encoding = Encode(["number", "stray", "date", "word", "text", "empty"], 200, row =>
        [
            row % 10 == 0 ? "NA" : (row / 7.0).ToString(CultureInfo.InvariantCulture),
            row == 3 ? "unknown" : $"{row}",
            $"2016-{1 + row % 12:00}-{1 + row % 28:00}",
            row % 3 == 0 ? "red" : "blue",
            $"a text of its own, number {row}",
            row % 2 == 0 ? "?" : "",
        ]);
        Assert.Equal([TableColumnKind.Number, TableColumnKind.Number, TableColumnKind.Date, TableColumnKind.Category, TableColumnKind.Text, TableColumnKind.Empty], encoding.Kinds);
        Assert.Equal(2.5f, encoding.Of(0, " 2.5 "));
        Assert.Equal(float.NaN, encoding.Of(0, "n/a"));
        Assert.Equal(float.NaN, encoding.Of(1, "unknown"));
        Assert.Equal(17_106, encoding.Of(2, "2016-11-01"));
        Assert.Equal(17_106.5f, encoding.Of(2, "2016-11-01T12:00:00Z"));
        // The more frequent word comes first.
        Assert.Equal((0, 1), (encoding.Of(3, "blue"), encoding.Of(3, "red")));
        Assert.Equal(float.NaN, encoding.Of(3, "green"));
        Assert.Equal(5, encoding.Of(4, "hello"));
    }

    [Fact]
    public void AbsentCategory_IsACategoryWhereItWasSeen()
    {
        var encoding = Encode(["c"], 30, row => [row % 3 == 0 ? "" : "x"]);
        Assert.Equal(0, encoding.Of(0, "x"));
        Assert.Equal(1, encoding.Of(0, "NA"));
        Assert.Equal(float.NaN, Encode(["c"], 30, row => [row % 3 == 0 ? "y" : "x"]).Of(0, "NA"));
    }

    [Fact]
    public void LabelMeans_NeverSeeTheRowsOwnFold()
    {
        // Eight categories of ten rows; label 1 only in category w0 and only in fold 0.
        var encoding = Encode(["c"], 80, row => [$"w{row % 8}"]);
        float[] cells = [.. Enumerable.Range(0, 80).Select(row => encoding.Of(0, $"w{row % 8}"))];
        int[] foldOf = [.. Enumerable.Range(0, 80).Select(row => row / 8 % 2)];
        float[] labels = [.. Enumerable.Range(0, 80).Select(row => row % 8 == 0 && foldOf[row] == 0 ? 1f : 0f)];
        var (features, values) = TableFeatures.Fit(encoding, cells, labels, foldOf);
        Assert.Equal(["c", "c_label_mean", "c_rows"], features.Names);
        Assert.Equal([0], features.CategoricalColumns);
        var prior = 5 / 80.0;
        // Fold 0 sees fold 1's five rows, all 0; fold 1 sees fold 0's five ones.
        Assert.Equal(10 * prior / 15, values[0 * 3 + 1], 1e-6);
        Assert.Equal((5 + 10 * prior) / 15, values[8 * 3 + 1], 1e-6);
        Assert.Equal((5 + 10 * prior) / 20, features.Of(encoding, [0])[1], 1e-6);
        Assert.Equal(prior, features.Of(encoding, [float.NaN])[1], 1e-6);
        Assert.Equal((10, 0), (features.Of(encoding, [0])[2], features.Of(encoding, [float.NaN])[2]));
    }

    [Fact]
    public void Dates_BecomeDaysWeekdayMonthAndHour()
    {
        var encoding = Encode(["at"], 40, row => [$"2016-11-{1 + row % 28:00}"]);
        float[] cells = [encoding.Of(0, "2016-11-01T18:00:00Z"), float.NaN, .. Enumerable.Repeat(0f, 18)];
        var (features, values) = TableFeatures.Fit(encoding, cells, [1, 0, .. Enumerable.Repeat(0f, 18)], [.. Enumerable.Range(0, 20).Select(r => r % 2)]);
        Assert.Equal(["at_days", "at_day_of_week", "at_month", "at_hour"], features.Names);
        // 1 November 2016 was a Tuesday.
        Assert.Equal([17_106.75f, 1, 11, 18], values[..4]);
        Assert.All(values[4..8], value => Assert.Equal(float.NaN, value));
    }

    [Theory]
    [InlineData("0", "1", "1")]
    [InlineData("1", "2", "2")]
    [InlineData("-1", "1", "1")]
    [InlineData("10", "9", "10")]
    [InlineData("True", "False", "True")]
    [InlineData("no", "yes", "yes")]
    [InlineData("N", "Y", "Y")]
    [InlineData("good", "bad", "good")]
    public void TwoWords_HaveOneYes(string a, string b, string yes)
    {
        foreach (var words in (string[][])[[a, b], [b, a]])
        {
            var label = TableLabel.YesNo(words);
            Assert.Equal(yes, label.Positive);
            Assert.Equal(1, label.Of(yes));
            Assert.Equal(0, label.Of(a == yes ? b : a));
            Assert.Null(label.Of("something else"));
        }
    }

    [Fact]
    public void LabelThatIsNotYesOrNo_IsRefused()
    {
        Assert.Contains("3 different values (a, b, c", Assert.Throws<InvalidDataException>(() => TableLabel.YesNo(["c", "a", "b"])).Message, StringComparison.Ordinal);
        Assert.Contains("both classes", Assert.Throws<InvalidDataException>(() => TableLabel.YesNo(["1"])).Message, StringComparison.Ordinal);
        Assert.Equal(1, TableLabel.YesNo(["0", "1"]).Of("1.0"));
        Assert.Null(TableLabel.Amount.Of("much"));
        Assert.Equal(2.5f, TableLabel.Amount.Of("2.5"));
    }

    [Fact]
    public void Folds_HoldTheSameLabelsEach()
    {
        float[] labels = [.. Enumerable.Range(0, 1000).Select(r => r % 10 == 0 ? 1f : 0f)];
        var foldOf = TableFolds.Deal(labels, LabelKind.YesNo, 5, seed: 3);
        for (var fold = 0; fold < 5; fold++) Assert.Equal((200, 20), (foldOf.Count(f => f == fold), Enumerable.Range(0, 1000).Count(r => foldOf[r] == fold && labels[r] == 1)));
        Assert.Equal(foldOf, TableFolds.Deal(labels, LabelKind.YesNo, 5, seed: 3));
        Assert.Contains("4 of one class", Assert.Throws<ArgumentException>(() => TableFolds.Deal([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], LabelKind.YesNo, 5, seed: 1)).Message, StringComparison.Ordinal);
        Assert.Contains("3 training rows", Assert.Throws<ArgumentException>(() => TableFolds.Deal([1, 2, 3], LabelKind.Amount, 5, seed: 1)).Message, StringComparison.Ordinal);
    }

    private static TableEncoding Encode(string[] columns, int rows, Func<int, string[]> cells)
    {
        var profile = new TableProfile(columns);
        for (var row = 0; row < rows; row++)
        {
            var texts = cells(row);
            for (var c = 0; c < columns.Length; c++) profile.Add(c, texts[c]);
        }
        return profile.Encoding();
    }
}
