using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Features.Articles;
using Media.Models;
using Media.Tuning;

namespace Media.Jobs;

/// <summary><c>evaluate trending</c>: which articles of real data are viewed most in the next six hours, at each hour of a stretch of days.</summary>
/// <remarks>A list is an hour: the articles active in the day before, first seen in the week before (<see cref="TrendingLists"/>). Trained on hours whose six hours end before the first.</remarks>
internal static class EvaluateTrending
{
    private const int MostRows = 200_000;
    private static readonly int[] Thinnings = [1, 5, 11, 19, 37, 73];

    private static readonly Option<string> Data = EvaluateVerb.File("--data", "Interactions in Deskdrop's format");
    private static readonly Option<DateTimeOffset?> From = JobOptions.Date("--from", "First day judged.");
    private static readonly Option<DateTimeOffset?> To = JobOptions.Date("--to", "The day after the last judged.");

    public static Command Command()
    {
        From.Required = To.Required = true;
        return EvaluateVerb.Evaluation("trending", "Precision of the ten articles expected to be viewed most in the next six hours, hour by hour; the baseline is the last day's views.", [Data, From, To, JobOptions.Seed], Run);
    }

    private static EvaluationLine Run(ParseResult parsed, TextWriter remarks, CancellationToken cancel)
    {
        var path = parsed.GetRequiredValue(Data);
        var (from, to) = (EpochMicros.Of(parsed.GetRequiredValue(From)!.Value), EpochMicros.Of(parsed.GetRequiredValue(To)!.Value));
        if (to <= from) throw new JobException("--to must be later than --from.");
        var gathering = new ArticleLog.Gathering();
        using (var file = SourceFile.Open(path))
            foreach (var e in DeskdropArchive.Read(file, Path.GetFileName(path), remarks.WriteLine, cancel).TakeWhile(e => e.EventTimeMicros < to)) gathering.Add(e);
        var log = gathering.ToLog();
        if (log.Count == 0 || log.Events[0].TimeMicros >= from) throw new JobException($"{Path.GetFileName(path)} has nothing before {parsed.GetRequiredValue(From):yyyy-MM-dd} to learn from.");
        var (hour, ahead) = (EpochMicros.Of(TimeSpan.FromHours(1)), EpochMicros.Of(TrendingEstimator.Ahead));

        var estimator = new TrendingEstimator();
        var (start, end) = (log.Events[0].TimeMicros + 7 * 24 * hour, from - ahead + 1);
        var train = TrendingEstimator.RowsAt(log, Hours(start, end, Thinning(start, end)), cancel);
        TrendingRanker ranker;
        try { ranker = TrendingRanker.Fit(estimator, train, cancel); }
        catch (ArgumentException e) { throw new JobException($"{Path.GetFileName(path)} before {parsed.GetRequiredValue(From):yyyy-MM-dd}: {e.Message}", e); }
        var test = TrendingLists.Judged(TrendingEstimator.RowsAt(log, Hours(from, to - ahead + 1, 1), cancel));
        if (test.Rows == 0) throw new JobException($"In no hour of the days asked for are {TrendingLists.Places} articles viewed within six hours: there is nothing to judge.");
        remarks.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{train.Rows} training rows, {test.Rows} rows judged; the last day's views count {100 * ranker.Weight:0} %"));

        var options = new BootstrapOptions { Seed = parsed.GetValue(JobOptions.Seed) };
        return new EvaluationLine().Add("precision_at_10", TrendingLists.Precision(test, ranker.Score(test.X), options, cancel))
            .Add("lists", (long)test.X.AsOfMicros.Distinct().Count()).Add("rows_train", (long)train.Rows).Add("rows_test", (long)test.Rows)
            .Add("checksum", RowChecksum.Of(Enumerable.Range(0, test.Rows).Select(r => string.Create(CultureInfo.InvariantCulture, $"{test.X.AsOfMicros[r] / 1_000_000},{test.X.Entities[r]},{Math.Round(Math.Exp(test.Y[r]) - 1)}"))))
            .Add("baseline", new EvaluationLine().Add("precision_at_10", TrendingLists.Precision(test, TrendingRanker.LastDay(test.X), options, cancel)).Add("model", "views_of_last_day"));

        // Of the training time's hours one in so many, that they be no more rows than can be learnt from at leisure; no number but 1 divides day or week, so that all hours of the day come.
        int Thinning(long start, long end)
        {
            var sampled = Hours(start, end, Thinnings[^1]);
            var rows = ArticleFeatures.Active(log, sampled).Sum(h => (double)h.Articles.Length) * Thinnings[^1];
            return Array.Find(Thinnings, every => rows / every <= MostRows) is > 0 and var found ? found : Thinnings[^1];
        }

        // Every so many hours in [start, end).
        List<long> Hours(long start, long end, int every)
        {
            var hours = new List<long>();
            for (var h = (start + hour - 1) / hour; h * hour < end; h++)
                if (h % every == 0) hours.Add(h * hour);
            return hours;
        }
    }
}
