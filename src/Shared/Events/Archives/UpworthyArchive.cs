using System.Globalization;

namespace Media.Events.Archives;

/// <summary>The Upworthy Research Archive: randomised tests of headlines on a news site, 2013–2015.</summary>
/// <remarks>
/// Needs the columns clickability_test_id, headline, impressions and clicks. The week is test_week (year × 100 + week), else that of the time created_at, else that in which the test's id
/// was given: ids of the archive begin with their second in hexadecimal digits; 0 where nothing tells it. The row's number is the column <c>index</c>, else the unnamed first one, else its
/// place in the file. The window in which readers may not have been dealt at random, 201326–201402 by the archive's authors, is the column randomization_risk_window or follows from the week.
/// A row that stands twice, its number with it, is one package. What became known by a test's end (significance, winner, first_place) is never read.
/// </remarks>
/// <seealso href="https://doi.org/10.1038/s41597-021-00934-7">Matias, Munger, Le Quere, Ebersole 2021, The Upworthy Research Archive</seealso>
public static class UpworthyArchive
{
    private const int FirstRiskWeek = 201326;
    private const int LastRiskWeek = 201402;
    private static readonly string[] IndexColumns = ["index", "", "Unnamed: 0"];

    /// <summary>All packages, by test id (ordinal), then index, then the order of the file.</summary>
    /// <param name="tell">Told in a sentence each of what was left out.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">No CSV, a column missing, or more rows that cannot be read or contradict themselves than <see cref="ArchiveCsv.ReadAll"/> passes over.</exception>
    public static IReadOnlyList<HeadlinePackage> Read(string path, Action<string> tell, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path, "clickability_test_id", "headline", "impressions", "clicks");
        var (test, headline, impressions, clicks) = (csv.Ordinal("clickability_test_id"), csv.Ordinal("headline"), csv.Ordinal("impressions"), csv.Ordinal("clicks"));
        var indexName = IndexColumns.FirstOrDefault(csv.Columns.Contains);
        int? index = indexName is null ? null : csv.Ordinal(indexName);
        var (eyecatcher, risk, week, created) = (csv.OrdinalIfAny("eyecatcher_id"), csv.OrdinalIfAny("randomization_risk_window"), csv.OrdinalIfAny("test_week"), csv.OrdinalIfAny("created_at"));

        var packages = new HashSet<HeadlinePackage>();
        var twice = 0L;
        csv.ReadAll(() =>
        {
            var (shown, clicked) = (csv.Whole(impressions), csv.Whole(clicks));
            if (shown < 0 || clicked < 0 || clicked > shown) throw csv.Fault($"has {clicked} clicks of {shown} impressions");
            var testId = csv.Field(test).Trim();
            if (testId.Length == 0) throw csv.Fault("has no clickability_test_id");
            var inWeek = week is { } w && !csv.IsMissing(w) ? WeekOf(csv, w) : created is { } c && !csv.IsMissing(c) ? IsoWeek(csv, c) : WeekOfId(testId);
            var package = new HeadlinePackage(index is { } at ? csv.Whole(at) : csv.Row, testId, csv.Field(headline), shown, clicked, inWeek, eyecatcher is { } e ? csv.Field(e) : "",
                risk is { } r && !csv.IsMissing(r) ? YesNo(csv, r) : inWeek is >= FirstRiskWeek and <= LastRiskWeek);
            if (!packages.Add(package)) twice++;
        }, tell, cancel);
        if (twice > 0) tell(string.Create(CultureInfo.InvariantCulture, $"{csv.Name}: {twice:N0} rows stand there again, index and all, and are left out."));
        return [.. packages.OrderBy(p => p.TestId, StringComparer.Ordinal).ThenBy(p => p.Index)];
    }

    private static int WeekOf(ArchiveCsv csv, int ordinal)
    {
        var week = csv.Whole(ordinal);
        return week is >= 190001 and <= 999953 && week % 100 is >= 0 and <= 53 ? (int)week : throw csv.Fault($"has the test_week {week}, which is not year × 100 + week");
    }

    /// <summary>By the second with which an id of 24 hexadecimal digits begins; 0 for other ids.</summary>
    private static int WeekOfId(string testId) =>
        testId.Length == 24 && testId.All(char.IsAsciiHexDigit) ? IsoWeek(DateTimeOffset.FromUnixTimeSeconds(uint.Parse(testId.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture))) : 0;

    private static int IsoWeek(ArchiveCsv csv, int ordinal)
    {
        if (!DateTimeOffset.TryParse(csv.Field(ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw csv.Fault($"has '{csv.Field(ordinal)}' in column 'created_at', which is not a time");
        return IsoWeek(time);
    }

    private static int IsoWeek(DateTimeOffset time) => ISOWeek.GetYear(time.UtcDateTime) * 100 + ISOWeek.GetWeekOfYear(time.UtcDateTime);

    private static bool YesNo(ArchiveCsv csv, int ordinal) => csv.Field(ordinal).Trim().ToUpperInvariant() switch
    {
        "TRUE" or "1" or "1.0" => true,
        "FALSE" or "0" or "0.0" => false,
        var other => throw csv.Fault($"has '{other}' in column 'randomization_risk_window', which is neither true nor false"),
    };
}
