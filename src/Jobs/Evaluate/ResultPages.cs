using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Media.Events.Archives;

namespace Media.Jobs;

/// <summary><c>evaluate all</c>: every evaluation on the public data sets, one after another through their own verbs, and a page per data set with protocol, counts, figures and baseline.</summary>
/// <remarks>The pages are written anew as a whole; a data set that is not there leaves its page as it was and is named.</remarks>
internal static class ResultPages
{
    private static readonly Option<string> Data = new("--data") { Description = "Folder with the data sets: deskdrop/, upworthy/, open_bandit_men/, onp_2013h1/.", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "Folder for the pages.", DefaultValueFactory = _ => Path.Combine("docs", "results") };

    public static Command Command()
    {
        var command = new Command("all", "Runs every evaluation on the public data sets and writes a page of results for each.") { Data, Out };
        command.SetAction(async (parsed, cancel) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var folder = parsed.GetRequiredValue(Out);
            Directory.CreateDirectory(folder);
            var scratch = Directory.CreateTempSubdirectory("media-results-");
            try
            {
                foreach (var page in Pages(parsed.GetRequiredValue(Data), scratch.FullName))
                {
                    if (page.Missing is { } missing)
                    {
                        await output.WriteLineAsync($"{page.File}: left as it was, {missing} is not there.");
                        continue;
                    }
                    var text = new StringBuilder($"# {page.Title}\n\n{page.About}\n\nWritten by `jobs evaluate all`; do not edit. Figures in brackets: 95 % bootstrap intervals. ‘baseline’ is the strongest trivial answer on the same rows.\n");
                    foreach (var run in page.Runs)
                    {
                        await output.WriteLineAsync($"{page.File}: {run.Title}");
                        text.Append(Section(run, await RunAsync(run.Arguments(), parsed.InvocationConfiguration.Error, cancel)));
                    }
                    await File.WriteAllTextAsync(Path.Combine(folder, page.File), text.ToString(), cancel);
                }
            }
            finally { scratch.Delete(recursive: true); }
            return 0;
        });
        return command;
    }

    /// <summary>One page.</summary>
    /// <param name="Missing">The file that is not there, or null.</param>
    private sealed record Page(string File, string Title, string About, string? Missing, IReadOnlyList<Run> Runs);

    /// <summary>One evaluation of a page.</summary>
    /// <param name="Protocol">What is a row, what is known when, what is counted.</param>
    /// <param name="Arguments">Of <c>jobs evaluate</c>; may first cut a file in two.</param>
    private sealed record Run(string Title, string Protocol, Func<IReadOnlyList<string>> Arguments);

    private static IEnumerable<Page> Pages(string data, string scratch)
    {
        var deskdrop = Path.Combine(data, "deskdrop", "interactions_20160314_20161130.csv.gz");
        IReadOnlyList<string> trainAsOf = ["--train-as-of", "2016-07-01,2016-08-01,2016-09-01,2016-10-01", "--as-of", "2016-11-01", "--horizon-days", "30"];
        yield return new Page("deskdrop.md", "Deskdrop: real reading of an internal news site, 2016",
            "CI&T Deskdrop, 64,054 interactions of 1,792 readers with 2,669 articles, 2016-03-14 to 2016-11-30. No text, no time on page, no offers: what was read, liked, commented, by whom and when.",
            Absent(deskdrop),
            [
                new("Churn", "Rows: readers with an event in the 30 days before the instant. Label: no event in the 30 days from it. Trained on four first-of-month instants, judged on the next. The baseline is the best single feature.", () => ["churn", "--data", deskdrop, .. trainAsOf]),
                new("Engagement", "The same rows; label: ln(1 + events in the 30 days from the instant). The baseline predicts the last 30 days' value.", () => ["engagement", "--data", deskdrop, .. trainAsOf]),
                new("Segmentation", "All readers before the instant by ten of the 59 features. Stability: adjusted Rand index between resamples, in brackets the least and the highest. The baseline is the same with every feature shuffled by itself.", () => ["segmentation", "--data", deskdrop, "--as-of", "2016-11-01"]),
                new("Recommendation, one list", "Each reader known before the window gets one list of ten, out of the articles known by then that the reader had not turned to; relevant are those among them turned to first within the window. The baseline is the plain order (newest, or popularity that forgets at one of seven speeds) that was best on earlier instants.", () => ["recommendation", "--protocol", "static", "--data", deskdrop, "--from", "2016-11-01", "--to", "2016-12-01"]),
                new("Recommendation, a list a day", "The same at the start of each day, from all that was known by then, judged by that day. The ranker is fitted once, to the days before the window.", () => ["recommendation", "--protocol", "daily", "--data", deskdrop, "--from", "2016-11-01", "--to", "2016-12-01"]),
                new("Trending", "At each hour of the months the articles of the last week that were viewed in the last day, ranked by the views expected in the next six hours; right are those viewed as often as the tenth most viewed. "
                    + "Trained on the hours before. The baseline is the last day's views, which the model leans on as far as helped in the later half of the training time. Hours with fewer than ten articles viewed are not judged: November has 30 that are, September 260.",
                    () => ["trending", "--data", deskdrop, "--from", "2016-09-01", "--to", "2016-12-01"]),
            ]);

        var upworthy = Path.Combine(data, "upworthy", "packages_201303_201440.csv.gz");
        var (early, late) = (Path.Combine(scratch, "upworthy-train.csv"), Path.Combine(scratch, "upworthy-test.csv"));
        yield return new Page("upworthy.md", "Upworthy: headlines tested against each other, 2013–2014",
            "Upworthy Research Archive, exploratory set: 15,432 packages in 3,427 tests. Trained on the first four fifths of the weeks, judged on whole later tests. The weeks of the archive's randomisation fault are learned from only if that is found to help on later tests outside them; none is judged.",
            Absent(upworthy),
            [
                new("Headline", "Pairs of packages with different headlines within one later test; significant: pooled two-proportion |z| > 1.96. The pick is the headline with the highest score in its test.", () => ["headline", "--train", Halves().Early, "--test", Halves().Late]),
                new("Headline bandit", "10,000 readers a test, each shown one headline; regret: expected clicks lost against the test's best headline.", () => ["headline-bandit", "--train", Halves().Early, "--test", Halves().Late]),
            ]);

        (string Early, string Late) Halves()
        {
            if (!File.Exists(early)) CutByLastFifth(upworthy, "test_week", early, late);
            return (early, late);
        }

        var (random, target) = (Path.Combine(data, "open_bandit_men", "random_men.csv.gz"), Path.Combine(data, "open_bandit_men", "bts_men.csv.gz"));
        yield return new Page("open-bandit.md", "Open Bandit, men: a policy's value from another's log",
            "Open Bandit Dataset, small version, campaign men: 10,000 decisions of a uniform policy and 10,000 of Bernoulli Thompson sampling over 34 items and 3 positions. From the uniform log alone: what would Thompson sampling have earned?",
            Absent(random) ?? Absent(target),
            [new("Off-policy value", "Clicks per decision. The policy valued is each item's share of its position in the Thompson log; its own log's mean is the truth. Models of the reward are fitted across three folds.", () => ["off-policy", "--logged", random, "--target", target])]);

        var news = Path.Combine(data, "onp_2013h1", "OnlineNewsPopularity_20130108_20130715.csv.gz");
        var (before, after) = (Path.Combine(scratch, "online-news-train.csv"), Path.Combine(scratch, "online-news-test.csv"));
        yield return new Page("online-news.md", "Online News: which articles are shared much, 2013",
            "UCI Online News Popularity, the first half of 2013: 9,874 articles of Mashable with 58 features known at publication (words, links, keywords, topics, channel, weekday, polarity) and the shares that each got.",
            Absent(news),
            [
                new("Article performance", "Label: at least 1,400 shares. Trained on the first seven tenths in the order of publication, judged on the rest. Accuracy: whether it is said to be likelier than not, at the level of the latest training rows. "
                    + "Spearman: between score and shares. The baseline is the training rate of the article's channel on weekdays or weekends.", () =>
                {
                    CutAfter(news, 0.7, before, after);
                    return ["article-performance", "--train", before, "--test", after];
                }),
            ]);
    }

    private static string? Absent(string path) => File.Exists(path) ? null : path;

    /// <summary>Runs an evaluation as a person would and takes its line.</summary>
    private static async Task<JsonElement> RunAsync(IReadOnlyList<string> arguments, TextWriter errors, CancellationToken cancel)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        var parsed = EvaluateVerb.Command().Parse([.. arguments]);
        if (parsed.Errors.Count > 0) throw new JobException($"evaluate {string.Join(' ', arguments)}: {parsed.Errors[0].Message}");
        await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = line, Error = errors }, cancel);
        return JsonSerializer.Deserialize<JsonElement>(line.ToString());
    }

    private static string Section(Run run, JsonElement line)
    {
        var text = new StringBuilder($"\n## {run.Title}\n{run.Protocol}\n\n| | {(line.TryGetProperty("baseline", out var baseline) ? "model | baseline" : "figure")} |\n|---|---|{(baseline.ValueKind == JsonValueKind.Object ? "---|" : "")}\n");
        foreach (var entry in line.EnumerateObject())
        {
            if (entry.Name.EndsWith("_low", StringComparison.Ordinal) || entry.Name.EndsWith("_high", StringComparison.Ordinal) || entry.Name is "baseline" or "seconds") continue;
            // What is told of the run rather than of the model stands once.
            var beside = baseline.ValueKind == JsonValueKind.Object ? $" {(baseline.TryGetProperty(entry.Name, out _) ? Figure(baseline, entry.Name) : "")} |" : "";
            text.Append(CultureInfo.InvariantCulture, $"| {entry.Name} | {Figure(line, entry.Name)} |{beside}\n");
        }
        return text.ToString();
    }

    private static string Figure(JsonElement of, string name)
    {
        var value = of.GetProperty(name);
        if (value.ValueKind != JsonValueKind.Number) return value.ValueKind switch { JsonValueKind.String => $"`{value.GetString()}`", JsonValueKind.Null => "–", _ => $"`{value.GetRawText()}`" };
        if (value.TryGetInt64(out var whole)) return whole.ToString("N0", CultureInfo.InvariantCulture);
        var format = Math.Abs(value.GetDouble()) switch { < 0.05 => "0.00000", < 10 => "0.000", _ => "0.0" };
        var text = Number(value, format);
        return of.TryGetProperty($"{name}_low", out var low) && of.TryGetProperty($"{name}_high", out var high) ? $"{text} [{Number(low, format)}, {Number(high, format)}]" : text;
    }

    private static string Number(JsonElement value, string format) => value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString(format, CultureInfo.InvariantCulture) : "–";

    /// <summary>Rows with one of the last fifth of the column's values into the second file, the others into the first.</summary>
    private static void CutByLastFifth(string path, string column, string early, string late)
    {
        List<string> values;
        using (var csv = ArchiveCsv.Open(path, column)) values = Rows(csv).Select(row => row[csv.Ordinal(column)]).Distinct().Order(StringComparer.Ordinal).ToList();
        var from = values[values.Count * 4 / 5];
        using var rows = ArchiveCsv.Open(path, column);
        var at = rows.Ordinal(column);
        Write(rows, early, late, row => string.CompareOrdinal(row[at], from) >= 0);
    }

    /// <summary>The first rows, this share of them, into the first file, the others into the second.</summary>
    private static void CutAfter(string path, double share, string early, string late)
    {
        int first;
        using (var csv = ArchiveCsv.Open(path)) first = (int)Math.Round(share * Rows(csv).Count());
        using var rows = ArchiveCsv.Open(path);
        Write(rows, early, late, _ => rows.Row > first);
    }

    private static IEnumerable<string[]> Rows(ArchiveCsv csv)
    {
        while (csv.Read()) yield return [.. Enumerable.Range(0, csv.Columns.Count).Select(csv.Field)];
    }

    private static void Write(ArchiveCsv csv, string first, string second, Func<string[], bool> isSecond)
    {
        using var one = new StreamWriter(first);
        using var other = new StreamWriter(second);
        foreach (var file in new[] { one, other }) file.Write($"{Line(csv.Columns)}\n");
        foreach (var row in Rows(csv)) (isSecond(row) ? other : one).Write($"{Line(row)}\n");
    }

    private static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(f => f.AsSpan().IndexOfAny("\",\r\n") < 0 ? f : $"\"{f.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
}
