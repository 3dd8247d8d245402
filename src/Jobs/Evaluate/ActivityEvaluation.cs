using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Models;
using Media.Tuning;

namespace Media.Jobs;

/// <summary>What <c>evaluate churn</c> and <c>evaluate engagement</c> have in common: which readers are rows at which instant, and a blend fitted on the earlier ones.</summary>
/// <remarks>A row is a reader with an event in the horizon before the instant. Only events before the test instant are learnt from, and labels that end by it.</remarks>
internal static class ActivityEvaluation
{
    private static readonly Option<string> Data = EvaluateVerb.File("--data", "Interactions in Deskdrop's format");
    private static readonly Option<DateTimeOffset[]> TrainAsOf = new("--train-as-of") { Description = "As-of dates of the training rows, comma-separated; those whose labels are not complete at --as-of are left out.", Required = true, AllowMultipleArgumentsPerToken = true, CustomParser = JobOptions.TrainAsOf.CustomParser };
    private static readonly Option<DateTimeOffset?> AsOf = JobOptions.Date("--as-of", "As-of date of the test rows.");
    private static readonly Option<int> HorizonDays = JobOptions.Number("--horizon-days", 30, 1, 365, "Days after the as-of date in which a label looks, and before it in which a reader must have been there.");

    static ActivityEvaluation() => AsOf.Required = true;

    public static IReadOnlyList<Option> Options => [Data, TrainAsOf, AsOf, HorizonDays, JobOptions.Seed];

    /// <summary>Rows of several instants with the number of events that followed each.</summary>
    internal sealed record Rows(FeatureBatch X, int[] After, int[] Before)
    {
        /// <summary>Lines for the checksum of one instant's rows: id and label.</summary>
        public IEnumerable<string> Identities(Func<int, int> label) => X.Entities.Select((reader, row) => string.Create(CultureInfo.InvariantCulture, $"{reader},{label(After[row])}"));
    }

    /// <summary>The rows of each training instant, and of the test.</summary>
    internal sealed record Split(IReadOnlyList<(DateTimeOffset AsOf, Rows Rows)> Train, Rows Test, int Seed)
    {
        public FeatureBatch TrainX => FeatureBatch.Concat([.. Train.Select(t => t.Rows.X)]);

        public float[] TrainY(Func<int, float> label) => [.. Train.SelectMany(t => t.Rows.After.Select(label))];
    }

    public static Split Read(ParseResult parsed, TextWriter remarks, CancellationToken cancel)
    {
        var (path, horizon) = (parsed.GetRequiredValue(Data), TimeSpan.FromDays(parsed.GetValue(HorizonDays)));
        var test = parsed.GetRequiredValue(AsOf) ?? throw new JobException("--as-of is missing.");
        var given = parsed.GetRequiredValue(TrainAsOf).Distinct().Order().ToList();
        var log = ActivityLog.Of(DeskdropArchive.Read(SourceFile.Open(path), Path.GetFileName(path), remarks.WriteLine, cancel));
        foreach (var open in given.Where(t => t + horizon > test)) remarks.WriteLine($"{open:yyyy-MM-dd} is left out: its labels end {open + horizon:yyyy-MM-dd}, after the test's as-of.");
        var train = given.Where(t => t + horizon <= test).Select(t => (t, Rows: RowsAt(t))).Where(t => HasRows(t.t, t.Rows)).ToList();
        if (train.Count == 0) throw new JobException($"No training instant is left: one is needed whose labels end by {test:yyyy-MM-dd} and which has readers in the {horizon.TotalDays:0} days before it.");
        var judged = RowsAt(test);
        if (judged.X.Rows == 0) throw new JobException($"{Path.GetFileName(path)} has no reader with an event in the {horizon.TotalDays:0} days before {test:yyyy-MM-dd}.");
        if (EpochMicros.Instant(log.Span.Last) < test + horizon - TimeSpan.FromDays(1)) remarks.WriteLine($"{Path.GetFileName(path)} ends at {EpochMicros.Instant(log.Span.Last):yyyy-MM-dd HH:mm}, before the test's labels do.");
        return new Split(train, judged, parsed.GetValue(JobOptions.Seed));

        Rows RowsAt(DateTimeOffset t)
        {
            var x = log.RowsAt(EpochMicros.Of(t), horizon);
            return new Rows(x, log.CountsAfter(x, horizon), log.CountsBefore(x, horizon));
        }

        bool HasRows(DateTimeOffset t, Rows rows)
        {
            if (rows.X.Rows == 0) remarks.WriteLine($"{t:yyyy-MM-dd} is left out: no reader has an event in the {horizon.TotalDays:0} days before it.");
            return rows.X.Rows > 0;
        }
    }

    /// <summary>Fits on the training rows and answers for the test rows: the blend, and the best single feature.</summary>
    public static (double[] Scores, double[] SingleFeature, string Feature) FitAndPredict(Split split, float[] y, LabelKind kind, TextWriter remarks, CancellationToken cancel)
    {
        var x = split.TrainX;
        var (model, rows) = EntityBlend.Fit(x, y, kind, BlendOptions.For(x.Rows, x.Names.Count) with { Seed = split.Seed }, remarks.WriteLine, cancel);
        using (model)
        {
            var single = SingleColumn.Best(rows);
            return (model.Predict(split.Test.X.Values), single.Predict(split.Test.X.Values), single.Name);
        }
    }

    /// <summary>Adds what says which rows the figures are of.</summary>
    public static EvaluationLine AddRows(this EvaluationLine line, Split split, Func<int, int> label)
    {
        var train = new EvaluationLine();
        foreach (var (asOf, rows) in split.Train) train.Add(asOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), RowChecksum.Of(rows.Identities(label)));
        return line.Add("rows_train", split.Train.Sum(t => (long)t.Rows.X.Rows)).Add("rows_test", (long)split.Test.X.Rows)
            .Add("checksum", RowChecksum.Of(split.Test.Identities(label))).Add("checksums_train", train);
    }
}
