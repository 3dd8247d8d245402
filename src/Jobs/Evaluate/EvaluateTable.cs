using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events.Archives;
using Media.Models;
using Media.Tuning;

namespace Media.Jobs;

/// <summary><c>evaluate table</c>: bring your own table: learns one column from the others, numbers, dates, categories and missing values as they come.</summary>
internal static class EvaluateTable
{
    private static readonly Option<string> Train = EvaluateVerb.File("--train", "Rows to learn from");
    private static readonly Option<string> Test = EvaluateVerb.File("--test", "Rows to judge on; of columns that only one file has nothing is learnt");
    private static readonly Option<string> Label = new("--label") { Description = "The column to predict. Of two values one is the yes: the larger number, or true, yes, y, t, or else the later word in ordinal order.", Required = true };
    private static readonly Option<bool> Regression = new("--regression") { Description = "The label is an amount: r2, mae, spearman instead of auc, log_loss, average_precision." };
    private static readonly Option<string> Drop = new("--drop") { Description = "Columns not to learn from, comma-separated.", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> Id = new("--id") { Description = "A column that names the row: not learnt from. The checksum is over 'id,label' of the test rows in the file's order, labels as the file writes them; without --id over 'row number,label', rows counted from 1." };

    public static Command Command() => EvaluateVerb.Evaluation("table",
        "Your own table: a blend of lines, boosted trees and forests, tuned and weighed inside the training rows; the baseline is the best single column.", [Train, Test, Label, Regression, Drop, Id, JobOptions.Seed], Run);

    private static EvaluationLine Run(ParseResult parsed, TextWriter remarks, CancellationToken cancel)
    {
        var request = new Request(parsed.GetRequiredValue(Train), parsed.GetRequiredValue(Test), parsed.GetRequiredValue(Label), parsed.GetValue(Regression),
            [.. (parsed.GetValue(Drop) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)], parsed.GetValue(Id));
        var seed = parsed.GetValue(JobOptions.Seed);
        var columns = request.Features(remarks);
        var (encoding, label) = Profile(request, columns, remarks, cancel);
        if (label.Kind == LabelKind.YesNo) remarks.WriteLine($"label 1 is '{label.Positive}', label 0 is '{label.Negative}'");
        var train = Read(request.Train, request, encoding, label, isTest: false, remarks, cancel);
        var test = Read(request.Test, request, encoding, label, isTest: true, remarks, cancel);
        if (test.Rows.Labels.Length == 0) throw new InvalidDataException($"{Path.GetFileName(request.Test)} has no rows with a label.");

        using var model = TableModel.Fit(encoding, train.Rows, label.Kind, seed, remarks.WriteLine, cancel);
        var (scores, baseline) = model.Predict(test.Rows.Cells);
        remarks.WriteLine($"baseline: {model.Baseline.Name} alone");
        var lines = Judge(label.Kind, [scores, baseline], test.Rows.Labels, seed, cancel);
        return lines[0].Add("rows_train", (long)train.Rows.Labels.Length).Add("rows_test", (long)test.Rows.Labels.Length).Add("checksum", RowChecksum.Of(test.Identities))
            .Add("baseline", lines[1].Add("column", model.Baseline.Name));
    }

    /// <summary>The metrics of the table's kind for several predictions of the same rows, on the same resamples.</summary>
    private static EvaluationLine[] Judge(LabelKind kind, IReadOnlyList<double[]> predictions, float[] labels, int seed, CancellationToken cancel)
    {
        var options = new BootstrapOptions { Seed = seed };
        return kind == LabelKind.YesNo
            ? Lines(["auc", "log_loss", "average_precision"], Bootstrap.Draw([.. predictions.Select(p => new RankedRows(p, labels))], [AreaUnderCurve.Of, LogLoss.Of, AveragePrecision.Of], options, cancel))
            : Lines(["r2", "mae", "spearman"], Bootstrap.Draw([.. predictions.Select(p => new PredictedAmounts(p, labels))], [RSquared.Of, PredictionError.MeanAbsolute, Spearman.Of], options, cancel));

        EvaluationLine[] Lines(string[] names, BootstrapDraws draws) => [.. predictions.Select((_, p) =>
        {
            var line = new EvaluationLine();
            for (var m = 0; m < names.Length; m++) line.Add(names[m], draws.Estimate(p, m));
            return line;
        })];
    }

    /// <summary>A first pass over the training file: what each column holds, and how the label is read.</summary>
    private static (TableEncoding Encoding, TableLabel Label) Profile(Request request, IReadOnlyList<string> columns, TextWriter remarks, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(request.Train);
        var (label, at) = (csv.Ordinal(request.Label), columns.Select(csv.Ordinal).ToArray());
        var profile = new TableProfile(columns);
        var words = new SortedSet<string>(StringComparer.Ordinal);
        // Of rows that cannot be read the second pass tells.
        csv.ReadAll(() =>
        {
            if (csv.IsMissing(label)) return;
            if (words.Count < TableLabel.MostWords) words.Add(TableLabel.Canonical(csv.Text(label).ToString()));
            for (var c = 0; c < at.Length; c++) profile.Add(c, csv.Text(at[c]));
        }, _ => { }, cancel);
        var encoding = profile.Encoding();
        foreach (var (kind, say) in new[] { (TableColumnKind.Text, "looked at only for their length, since nearly every value differs"), (TableColumnKind.Empty, "empty") })
            if (encoding.Names.Where((_, c) => encoding.Kinds[c] == kind).ToList() is { Count: > 0 } such) remarks.WriteLine($"columns {say}: {string.Join(", ", such)}");
        return (encoding, request.Regression ? TableLabel.Amount : TableLabel.YesNo(words));
    }

    /// <summary>A second pass: cells as numbers, labels, and the lines of the checksum.</summary>
    private static (TableRows Rows, List<string> Identities) Read(string path, Request request, TableEncoding encoding, TableLabel label, bool isTest, TextWriter remarks, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path, [.. encoding.Names, request.Label, .. request.Id is { } named ? [named] : Array.Empty<string>()]);
        var (labelAt, at) = (csv.Ordinal(request.Label), encoding.Names.Select(csv.Ordinal).ToArray());
        var idAt = request.Id is { } id ? csv.Ordinal(id) : -1;
        var (cells, labels, identities) = (new List<float>(), new List<float>(), new List<string>());
        var unlabelled = 0;
        csv.ReadAll(() =>
        {
            if (csv.IsMissing(labelAt))
            {
                unlabelled++;
                return;
            }
            var text = csv.Text(labelAt).ToString();
            if (label.Of(text) is not { } value)
                throw csv.Fault($"has the label '{text}', {(label.Kind == LabelKind.Amount ? "which is not a number" : $"which is neither '{label.Positive}' nor '{label.Negative}'")}");
            labels.Add(value);
            for (var c = 0; c < at.Length; c++) cells.Add(encoding.Of(c, csv.Text(at[c])));
            if (isTest) identities.Add(idAt >= 0 ? $"{csv.Field(idAt)},{text}" : string.Create(CultureInfo.InvariantCulture, $"{csv.Row},{text}"));
        }, remarks.WriteLine, cancel);
        if (unlabelled > 0) remarks.WriteLine($"{csv.Name}: {unlabelled} rows without a label passed over");
        if (isTest && csv.Columns.Except([.. encoding.Names, request.Label, request.Id ?? "", "", .. request.Drop]).ToList() is { Count: > 0 } further) remarks.WriteLine($"{Path.GetFileName(path)}: columns not in training passed over: {string.Join(", ", further)}");
        return (new TableRows([.. cells], [.. labels]), identities);
    }

    /// <summary>What was asked for.</summary>
    private sealed record Request(string Train, string Test, string Label, bool Regression, IReadOnlyList<string> Drop, string? Id)
    {
        /// <summary>The columns that both files have, but for label, id, those to drop and an unnamed one, which numbers the rows; all that is asked for is there.</summary>
        public List<string> Features(TextWriter remarks)
        {
            string[] asked = [Label, .. Id is { } id ? [id] : Array.Empty<string>()];
            using var csv = ArchiveCsv.Open(Train, [.. asked, .. Drop]);
            using var test = ArchiveCsv.Open(Test, asked);
            List<string> given = [.. csv.Columns.Where(c => c != Label && c != Id && c.Length > 0 && !Drop.Contains(c))];
            var features = given.Intersect(test.Columns, StringComparer.Ordinal).ToList();
            if (features.Count < given.Count) remarks.WriteLine($"{test.Name} lacks columns, which are not learnt from: {string.Join(", ", given.Except(features))}");
            return features.Count > 0 ? features : throw new InvalidDataException(given.Count == 0
                ? $"{csv.Name} has no column to learn from besides the label." : $"{test.Name} has none of the columns that {csv.Name} has to learn from: {string.Join(", ", given.Take(20))}.");
        }
    }
}
