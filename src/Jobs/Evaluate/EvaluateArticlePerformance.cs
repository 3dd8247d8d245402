using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events.Archives;
using Media.Tuning;

namespace Media.Jobs;

/// <summary><c>evaluate article-performance</c>: which articles will be shared much, foretold at publication from text and links.</summary>
internal static class EvaluateArticlePerformance
{
    private const double Popular = 1_400;

    private const string Label = "shares";

    private static readonly string[] NoFeatures = ["url", "timedelta", Label];
    private static readonly Option<string> Train = EvaluateVerb.File("--train", "Articles to learn from, in the format of Online News Popularity; in the order of timedelta where it is given, else of the file");
    private static readonly Option<string> Test = EvaluateVerb.File("--test", "Later articles to judge on, with the same columns");

    public static Command Command() => EvaluateVerb.Evaluation("article-performance", "Whether an article gets at least 1,400 shares: AUC, accuracy, and Spearman between score and shares.", [Train, Test, JobOptions.Seed], (parsed, remarks, cancel) =>
    {
        var seed = parsed.GetValue(JobOptions.Seed);
        var (learnt, judged) = (parsed.GetRequiredValue(Train), parsed.GetRequiredValue(Test));
        var all = Read(learnt, Common(learnt, judged, remarks), remarks, cancel);
        var train = InOrder(all.Numeric(remarks));
        var (test, _, _, lines) = Read(judged, train.Names, remarks, cancel);
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
    private static SharedArticles InOrder((SharedArticles Articles, IReadOnlyList<double> Ages) read)
    {
        var (articles, ages) = read;
        if (ages.Count == 0) return articles;
        var columns = articles.Names.Count;
        int[] order = [.. Enumerable.Range(0, articles.Rows).OrderByDescending(r => ages[r])];
        return new SharedArticles(articles.Names, [.. order.SelectMany(r => articles.Values.AsSpan(r * columns, columns).ToArray())], [.. order.Select(r => articles.Shares[r])]);
    }

    /// <summary>The columns to learn from that both files have.</summary>
    private static List<string> Common(string trainPath, string testPath, TextWriter remarks)
    {
        using var train = ArchiveCsv.Open(trainPath, Label);
        using var test = ArchiveCsv.Open(testPath, Label);
        List<string> given = [.. train.Columns.Except([.. NoFeatures, ""])];
        if (given.Count == 0) throw new InvalidDataException($"{train.Name} has no column to learn from besides {string.Join(", ", NoFeatures)}.");
        var common = given.Intersect(test.Columns, StringComparer.Ordinal).ToList();
        if (common.Count == 0) throw new InvalidDataException($"{test.Name} has none of the columns that {train.Name} has to learn from: {string.Join(", ", given.Take(20))}.");
        if (common.Count < given.Count) remarks.WriteLine($"{test.Name} lacks columns, which are not learnt from: {string.Join(", ", given.Except(common))}");
        return common;
    }

    private static ReadArticles Read(string path, IReadOnlyList<string> names, TextWriter remarks, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path, [Label, .. names]);
        var (url, age, sharesAt, at) = (csv.OrdinalIfAny("url"), csv.OrdinalIfAny("timedelta"), csv.Ordinal(Label), names.Select(csv.Ordinal).ToArray());
        var (values, shares, ages, lines) = (new List<float>(), new List<float>(), new List<double>(), new List<string>());
        var words = new int[at.Length];
        var unlabelled = 0;
        csv.ReadAll(() =>
        {
            if (csv.IsMissing(sharesAt))
            {
                unlabelled++;
                return;
            }
            var count = csv.Number(sharesAt);
            if (count < 0) throw csv.Fault($"has {count} shares; a count is at least 0");
            shares.Add((float)count);
            // An article without an age stays behind the one before it.
            if (age is { } a) ages.Add(csv.TryNumber(a, out var days) ? days : ages.LastOrDefault(double.PositiveInfinity));
            for (var c = 0; c < at.Length; c++)
            {
                values.Add(csv.TryNumber(at[c], out var value) && float.IsFinite((float)value) ? (float)value : float.NaN);
                if (float.IsNaN(values[^1]) && !csv.IsMissing(at[c])) words[c]++;
            }
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{(url is { } u ? csv.Field(u) : csv.Row)},{(count >= Popular ? 1 : 0)}"));
        }, remarks.WriteLine, cancel);
        if (unlabelled > 0) remarks.WriteLine($"{csv.Name}: {unlabelled} rows without shares passed over");
        if (shares.Count == 0) throw new InvalidDataException($"{csv.Name} has no rows with shares.");
        return new ReadArticles(new SharedArticles(names, [.. values], [.. shares]), ages, words, lines);
    }

    /// <summary>What a file holds.</summary>
    /// <param name="Ages">timedelta, one per article; empty where the file does not tell.</param>
    /// <param name="Words">Per column, cells that are neither a number nor missing; they count as missing.</param>
    /// <param name="Lines">For the checksum.</param>
    private sealed record ReadArticles(SharedArticles Articles, List<double> Ages, int[] Words, List<string> Lines)
    {
        // A stray word in a column of numbers is a missing number; more than these are a column of words.
        private const double MostWords = 0.05;

        /// <summary>Without the columns of words.</summary>
        public (SharedArticles Articles, IReadOnlyList<double> Ages) Numeric(TextWriter remarks)
        {
            int[] kept = [.. Enumerable.Range(0, Words.Length).Where(c => Words[c] <= MostWords * Articles.Rows)];
            if (kept.Length == Words.Length) return (Articles, Ages);
            string[] names = [.. kept.Select(c => Articles.Names[c])];
            remarks.WriteLine($"columns of words, which are not learnt from: {string.Join(", ", Articles.Names.Except(names))}");
            if (names.Length == 0) throw new InvalidDataException("The training file has no column of numbers to learn from.");
            var values = new float[Articles.Rows * kept.Length];
            for (var row = 0; row < Articles.Rows; row++)
                for (var c = 0; c < kept.Length; c++) values[row * kept.Length + c] = Articles.Values[row * Words.Length + kept[c]];
            return (new SharedArticles(names, values, Articles.Shares), Ages);
        }
    }
}
