using System.Globalization;

namespace Media.Events.Archives;

/// <summary>The Upworthy Research Archive: randomised tests of headlines on a news site, 2013–2015.</summary>
/// <remarks>
/// Needs the columns clickability_test_id, headline, impressions and clicks, and a week: test_week (year × 100 + week) or the time created_at. The row's number is the column
/// <c>index</c>, else the unnamed first one, else its place in the file. The window in which readers may not have been dealt at random, 201326–201402 by the archive's
/// authors, is the column randomization_risk_window or follows from the week. What became known by a test's end (significance, winner, first_place) is never read.
/// </remarks>
/// <seealso href="https://doi.org/10.1038/s41597-021-00934-7">Matias, Munger, Le Quere, Ebersole 2021, The Upworthy Research Archive</seealso>
public static class UpworthyArchive
{
    private const int FirstRiskWeek = 201326;
    private const int LastRiskWeek = 201402;
    private static readonly string[] IndexColumns = ["index", "", "Unnamed: 0"];

    /// <summary>All packages, by test id (ordinal), then index.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">No CSV, a column missing, or a row that cannot be read or contradicts itself.</exception>
    public static IReadOnlyList<HeadlinePackage> Read(string path, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path, "clickability_test_id", "headline", "impressions", "clicks");
        var (test, headline, impressions, clicks) = (csv.Ordinal("clickability_test_id"), csv.Ordinal("headline"), csv.Ordinal("impressions"), csv.Ordinal("clicks"));
        var (index, eyecatcher, risk) = (Find(csv, IndexColumns), Find(csv, "eyecatcher_id"), Find(csv, "randomization_risk_window"));
        var (week, created) = (Find(csv, "test_week"), Find(csv, "created_at"));
        if (week is null && created is null) throw new InvalidDataException($"{csv.Name} has no column 'test_week', and 'created_at' in its place; it has {string.Join(", ", csv.Columns.Take(20))}.");

        var packages = new List<HeadlinePackage>();
        var rows = new HashSet<long>();
        while (csv.Read())
        {
            cancel.ThrowIfCancellationRequested();
            var (shown, clicked) = (csv.Whole(impressions), csv.Whole(clicks));
            if (shown < 0 || clicked < 0 || clicked > shown) throw csv.Fault($"has {clicked} clicks of {shown} impressions");
            if (csv.Field(test) is not { Length: > 0 } testId) throw csv.Fault("has no clickability_test_id");
            var number = index is { } at ? csv.Whole(at) : csv.Row;
            if (!rows.Add(number)) throw csv.Fault($"has the index {number}, which stands above already");
            var inWeek = week is { } w ? WeekOf(csv, w) : IsoWeek(csv, created ?? 0);
            packages.Add(new HeadlinePackage(number, testId, csv.Field(headline), shown, clicked, inWeek, eyecatcher is { } e ? csv.Field(e) : "",
                risk is { } r ? YesNo(csv, r) : inWeek is >= FirstRiskWeek and <= LastRiskWeek));
        }
        packages.Sort((a, b) => string.CompareOrdinal(a.TestId, b.TestId) is not 0 and var order ? order : a.Index.CompareTo(b.Index));
        return packages;
    }

    private static int? Find(ArchiveCsv csv, params IReadOnlyList<string> names) =>
        names.FirstOrDefault(csv.Columns.Contains) is { } name ? csv.Ordinal(name) : null;

    private static int WeekOf(ArchiveCsv csv, int ordinal)
    {
        var week = csv.Whole(ordinal);
        return week is >= 190001 and <= 999953 && week % 100 is >= 0 and <= 53 ? (int)week : throw csv.Fault($"has the test_week {week}, which is not year × 100 + week");
    }

    private static int IsoWeek(ArchiveCsv csv, int ordinal)
    {
        if (!DateTimeOffset.TryParse(csv.Field(ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw csv.Fault($"has '{csv.Field(ordinal)}' in column 'created_at', which is not a time");
        return ISOWeek.GetYear(time.UtcDateTime) * 100 + ISOWeek.GetWeekOfYear(time.UtcDateTime);
    }

    private static bool YesNo(ArchiveCsv csv, int ordinal) => csv.Field(ordinal).Trim().ToUpperInvariant() switch
    {
        "TRUE" or "1" => true,
        "FALSE" or "0" or "" => false,
        var other => throw csv.Fault($"has '{other}' in column 'randomization_risk_window', which is neither true nor false"),
    };
}
