using System.CommandLine;
using Media.Evaluation;
using Media.Events.Archives;
using Media.Tuning;

namespace Media.Jobs;

/// <summary><c>evaluate article-performance</c>: which articles will be shared much, foretold at publication from text and links.</summary>
internal static class EvaluateArticlePerformance
{
    private const double Popular = 1_400;

    private static readonly string[] NoFeatures = ["url", "timedelta", "shares"];
    private static readonly Option<string> Train = EvaluateVerb.File("--train", "Articles to learn from, in the format of Online News Popularity; in the order of timedelta where it is given, else of the file");
    private static readonly Option<string> Test = EvaluateVerb.File("--test", "Later articles to judge on, with the same columns");

    public static Command Command() => EvaluateVerb.Evaluation("article-performance", "Whether an article gets at least 1,400 shares: AUC, accuracy, and Spearman between score and shares.", [Train, Test, JobOptions.Seed], (parsed, remarks, cancel) =>
    {
        var seed = parsed.GetValue(JobOptions.Seed);
        var train = InOrder(Read(parsed.GetRequiredValue(Train), null, cancel));
        var (test, _, lines) = Read(parsed.GetRequiredValue(Test), train.Names, cancel);
        float[] labels = [.. test.Shares.Select(s => s >= Popular ? 1f : 0f)];
        if (labels.Distinct().Count() < 2) throw new JobException($"The {labels.Length} test rows are not of both classes (at least {Popular} shares or fewer): there is nothing to judge.");
        SharesModel model;
        try { model = SharesModel.Fit(train, Popular, seed, remarks.WriteLine, cancel); }
        catch (ArgumentException e) { throw new JobException(e.Message, e); }
        using (model)
        {
            var (scores, popular) = model.Predict(test.Values);
            var rates = ChannelRates(train, test);
            var cut = train.Shares.Average(s => s >= Popular ? 1.0 : 0.0) >= 0.5 ? 0.5 : Math.BitDecrement(0.5);
            return Judge(scores, popular, test.Shares, labels, seed, cancel).Add("rows_train", (long)train.Rows).Add("rows_test", (long)test.Rows).Add("checksum", RowChecksum.Of(lines))
                .Add("baseline", Judge(rates, [.. rates.Select(r => r >= cut)], test.Shares, labels, seed, cancel).Add("model", "channel_by_weekend_rate"));
        }
    });

    private static EvaluationLine Judge(double[] scores, bool[] popular, float[] shares, float[] labels, int seed, CancellationToken cancel)
    {
        var options = new BootstrapOptions { Seed = seed };
        double[] right = [.. popular.Zip(labels, (p, l) => p == (l == 1) ? 1.0 : 0.0)];
        var line = new EvaluationLine()
            .Add("auc", Bootstrap.Of(new RankedRows(scores, labels), AreaUnderCurve.Of, options, cancel))
            .Add("accuracy", Bootstrap.Of(new InstanceFigures(right), InstanceFigures.Mean, options, cancel));
        // Shares that are all alike cannot be ranked.
        return shares.Distinct().Count() > 1 ? line.Add("spearman", Bootstrap.Of(new PredictedAmounts(scores, shares), Spearman.Of, options, cancel)) : line.Add("spearman", double.NaN);
    }

    /// <summary>The share of popular articles among training rows of the same channel and kind of day: what an editor knows by heart.</summary>
    private static double[] ChannelRates(SharedArticles train, SharedArticles test)
    {
        int[] at = [.. Enumerable.Range(0, train.Names.Count).Where(c => train.Names[c].StartsWith("data_channel_is_", StringComparison.Ordinal) || train.Names[c] == "is_weekend")];
        var mean = train.Shares.Average(s => s >= Popular ? 1.0 : 0.0);
        var known = new Dictionary<string, (int Popular, int Rows)>(StringComparer.Ordinal);
        for (var row = 0; row < train.Rows; row++)
        {
            var (popular, rows) = known.GetValueOrDefault(Key(train, row));
            known[Key(train, row)] = (popular + (train.Shares[row] >= Popular ? 1 : 0), rows + 1);
        }
        return [.. Enumerable.Range(0, test.Rows).Select(row => known.GetValueOrDefault(Key(test, row)) is var (popular, rows) ? (popular + 10 * mean) / (rows + 10) : mean)];

        string Key(SharedArticles of, int row) => string.Concat(at.Select(c => of.Values[row * of.Names.Count + c] > 0.5f ? '1' : '0'));
    }

    /// <summary>The articles in the order of publication: the older before the younger when the archive was closed.</summary>
    private static SharedArticles InOrder((SharedArticles Articles, IReadOnlyList<double> Ages, IReadOnlyList<string> Lines) read)
    {
        var (articles, ages, _) = read;
        if (ages.Count == 0) return articles;
        var columns = articles.Names.Count;
        int[] order = [.. Enumerable.Range(0, articles.Rows).OrderByDescending(r => ages[r])];
        return new SharedArticles(articles.Names, [.. order.SelectMany(r => articles.Values.AsSpan(r * columns, columns).ToArray())], [.. order.Select(r => articles.Shares[r])]);
    }

    /// <param name="names">The columns to read; null for all but those that are no features.</param>
    private static (SharedArticles Articles, IReadOnlyList<double> Ages, IReadOnlyList<string> Lines) Read(string path, IReadOnlyList<string>? names, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path, ["url", "shares", .. names ?? []]);
        var ageAt = names is null && csv.Columns.Contains("timedelta") ? csv.Ordinal("timedelta") : -1;
        names ??= [.. csv.Columns.Except(NoFeatures)];
        if (names.Count == 0) throw new InvalidDataException($"{csv.Name} has no column to learn from besides {string.Join(", ", NoFeatures)}.");
        var (url, sharesAt, at) = (csv.Ordinal("url"), csv.Ordinal("shares"), names.Select(csv.Ordinal).ToArray());
        var (values, shares, ages, lines) = (new List<float>(), new List<float>(), new List<double>(), new List<string>());
        while (csv.Read())
        {
            cancel.ThrowIfCancellationRequested();
            var count = csv.Number(sharesAt);
            if (count < 0) throw csv.Fault($"has {count} shares; a count is at least 0");
            shares.Add((float)count);
            // An article without an age stays behind the one before it.
            if (ageAt >= 0) ages.Add(string.IsNullOrWhiteSpace(csv.Field(ageAt)) ? ages.LastOrDefault(double.PositiveInfinity) : csv.Number(ageAt));
            foreach (var c in at) values.Add(string.IsNullOrWhiteSpace(csv.Field(c)) ? float.NaN : (float)csv.Number(c));
            lines.Add($"{csv.Field(url)},{(count >= Popular ? 1 : 0)}");
        }
        if (shares.Count == 0) throw new InvalidDataException($"{csv.Name} has no rows.");
        return (new SharedArticles(names, [.. values], [.. shares]), ages, lines);
    }
}
