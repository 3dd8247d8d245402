using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Models;

namespace Media.Jobs;

/// <summary><c>evaluate trending</c>: which articles of real data are viewed most in the next six hours, at each hour of a stretch of days.</summary>
/// <remarks>
/// A list is an hour: the articles active in the day before, first seen in the week before. Right are those with as many views in the next six hours as the tenth most
/// viewed of them, and at least one. Hours in which fewer than ten of the list are viewed are not judged: any list would do. Trained on hours whose six hours end
/// before the first.
/// </remarks>
internal static class EvaluateTrending
{
    private const int Places = 10;

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
            foreach (var e in DeskdropArchive.Read(file, Path.GetFileName(path), cancel).TakeWhile(e => e.EventTimeMicros < to)) gathering.Add(e);
        var log = gathering.ToLog();
        if (log.Count == 0 || log.Events[0].TimeMicros >= from) throw new JobException($"{Path.GetFileName(path)} has nothing before {parsed.GetRequiredValue(From):yyyy-MM-dd} to learn from.");
        var (hour, ahead) = (EpochMicros.Of(TimeSpan.FromHours(1)), EpochMicros.Of(TrendingEstimator.Ahead));

        var estimator = new TrendingEstimator();
        var train = TrendingEstimator.RowsAt(log, Hours(log.Events[0].TimeMicros + 7 * 24 * hour, from - ahead, 5), cancel);
        IModel model;
        try { model = estimator.Fit(train.X, train.Y, cancel); }
        catch (ArgumentException e) { throw new JobException($"{Path.GetFileName(path)} before {parsed.GetRequiredValue(From):yyyy-MM-dd}: {e.Message}", e); }
        var test = Judged(TrendingEstimator.RowsAt(log, Hours(from, to - ahead + 1, 1), cancel));
        if (test.Rows == 0) throw new JobException($"In no hour of the days asked for are {Places} articles viewed within six hours: there is nothing to judge.");
        remarks.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{train.Rows} training rows, {test.Rows} rows judged"));

        var scores = new double[test.Rows];
        model.Predict(test.X, scores);
        var day = test.X.Select(["article_views_24h"]).Values;
        var right = Right(test);
        var lines = new[] { scores, [.. day.Select(v => (double)v)] }.Select(s => Figures(s, right, test, parsed.GetValue(JobOptions.Seed), cancel)).ToList();
        return lines[0].Add("lists", (long)test.X.AsOfMicros.Distinct().Count()).Add("rows_train", (long)train.Rows).Add("rows_test", (long)test.Rows)
            .Add("checksum", RowChecksum.Of(Enumerable.Range(0, test.Rows).Select(r => string.Create(CultureInfo.InvariantCulture, $"{test.X.AsOfMicros[r] / 1_000_000},{test.X.Entities[r]},{Math.Round(Math.Exp(test.Y[r]) - 1)}"))))
            .Add("baseline", lines[1].Add("model", "views_of_last_day"));

        // Every so many hours in [start, end).
        List<long> Hours(long start, long end, int every)
        {
            var hours = new List<long>();
            for (var h = (start + hour - 1) / hour; h * hour < end; h++)
                if (h % every == 0) hours.Add(h * hour);
            return hours;
        }
    }

    private static EvaluationLine Figures(double[] scores, float[] right, LabelledRows test, int seed, CancellationToken cancel)
    {
        // Hours of one day share articles and readers: days are resampled.
        var options = new BootstrapOptions { Seed = seed, Clusters = Clusters.Of([.. test.X.AsOfMicros.Select(t => t / 86_400_000_000)]) };
        var precision = ListPrecision.At(Places);
        return new EvaluationLine().Add("precision_at_10", Bootstrap.Of(RankedLists.Of(scores, right, test.X.AsOfMicros), (lists, counts) => lists.Mean(precision, counts), options, cancel));
    }

    /// <summary>Rows of hours in which ten or more are viewed.</summary>
    private static LabelledRows Judged(LabelledRows rows)
    {
        var viewed = Enumerable.Range(0, rows.Rows).Where(r => rows.Y[r] > 0).CountBy(r => rows.X.AsOfMicros[r]).Where(h => h.Value >= Places).Select(h => h.Key).ToHashSet();
        return rows.Take([.. Enumerable.Range(0, rows.Rows).Where(r => viewed.Contains(rows.X.AsOfMicros[r]))]);
    }

    /// <summary>1 for rows with as many views as their hour's tenth.</summary>
    private static float[] Right(LabelledRows rows)
    {
        var least = Enumerable.Range(0, rows.Rows).GroupBy(r => rows.X.AsOfMicros[r]).ToDictionary(h => h.Key, h => h.Select(r => rows.Y[r]).OrderDescending().ElementAt(Places - 1));
        return [.. Enumerable.Range(0, rows.Rows).Select(r => rows.Y[r] >= least[rows.X.AsOfMicros[r]] ? 1f : 0f)];
    }
}
