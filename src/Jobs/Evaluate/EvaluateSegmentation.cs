using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Jobs;

/// <summary><c>evaluate segmentation</c>: how clearly the readers of real data fall into segments, beside the same readers with every column shuffled by itself.</summary>
internal static class EvaluateSegmentation
{
    private static readonly Option<string> Data = EvaluateVerb.File("--data", "Interactions in Deskdrop's format");
    private static readonly Option<DateTimeOffset?> AsOf = JobOptions.Date("--as-of", "Only rows before this date are read.");

    public static Command Command()
    {
        AsOf.Required = true;
        return EvaluateVerb.Evaluation("segmentation", "Segments of Deskdrop's readers: silhouette, Davies–Bouldin and stability under resampling; the baseline is the same with every feature shuffled.", [Data, AsOf, JobOptions.Seed], Run);
    }

    private static EvaluationLine Run(ParseResult parsed, TextWriter remarks, CancellationToken cancel)
    {
        var path = parsed.GetRequiredValue(Data);
        var asOf = parsed.GetRequiredValue(AsOf) ?? throw new JobException("--as-of is missing.");
        var until = EpochMicros.Of(asOf);
        IReadOnlyList<Session> sessions;
        using (var file = SourceFile.Open(path))
            sessions = Sessionizer.Cut(DeskdropArchive.Read(file, Path.GetFileName(path), remarks.WriteLine, cancel).TakeWhile(e => e.EventTimeMicros < until), new SessionOptions { AllowedLateness = TimeSpan.Zero });
        var x = FeatureCatalog.Build(UserTimelines.From(sessions), until);
        var seed = parsed.GetValue(JobOptions.Seed);
        var estimator = new SegmentationEstimator { Seed = seed };
        if (x.Rows < SegmentationEstimator.MinRows) throw new JobException($"{Path.GetFileName(path)} has {x.Rows} readers before {asOf:yyyy-MM-dd}; segmentation needs {SegmentationEstimator.MinRows}.");
        var found = (SegmentationModel)estimator.Fit(x, [], cancel);
        foreach (var profile in found.Profiles) remarks.WriteLine($"{profile.Users,6} {profile.Name}");
        var shuffled = (SegmentationModel)(estimator with { MinSegments = found.Chosen.Segments, MaxSegments = found.Chosen.Segments }).Fit(Shuffled(x, seed), [], cancel);
        return Figures(found).Add("segments", (long)found.Profiles.Count).Add("rows_train", (long)x.Rows).Add("rows_test", (long)x.Rows)
            .Add("checksum", RowChecksum.Of(x.Entities.Zip(Assigned(found, x), (user, segment) => string.Create(CultureInfo.InvariantCulture, $"{user},{segment}"))))
            .Add("baseline", Figures(shuffled));
    }

    private static EvaluationLine Figures(SegmentationModel model) => new EvaluationLine()
        .Add("silhouette", model.Chosen.Silhouette).Add("davies_bouldin", model.Chosen.DaviesBouldin)
        .Add("stability", model.Chosen.Stability).Add("stability_low", model.Chosen.LeastStability).Add("stability_high", model.Chosen.MostStability);

    private static int[] Assigned(SegmentationModel model, FeatureBatch x)
    {
        var scores = new double[x.Rows * model.Outputs];
        model.Predict(x, scores);
        return [.. Enumerable.Range(0, x.Rows).Select(row => (int)scores[row * model.Outputs])];
    }

    /// <summary>Each column's values dealt anew among the readers: what there would be to find if no feature went with another.</summary>
    private static FeatureBatch Shuffled(FeatureBatch x, int seed)
    {
        var random = new Random(seed);
        var (values, width) = (new float[x.Values.Length], x.Names.Count);
        for (var c = 0; c < width; c++)
        {
            var column = Enumerable.Range(0, x.Rows).Select(row => x.Values[row * width + c]).ToArray();
            random.Shuffle(column);
            for (var row = 0; row < x.Rows; row++) values[row * width + c] = column[row];
        }
        return x.With(values);
    }
}
