using System.Globalization;
using Media.Events;
using Media.Features;
using Media.Models;
using Media.Models.Text;

namespace Media.Actions;

/// <summary>Which headline to keep, of articles that are offered under several.</summary>
/// <remarks>
/// Of each article first offered within the last week, the title that is believed to be clicked most (<see cref="HeadlineBelief"/>: the model's expectation and the clicks so far). The score is
/// the factor by which its click rate is expected to exceed that of the article's titles shown in turn. Pure, thread-safe.
/// </remarks>
public static class HeadlineActions
{
    /// <summary>Fewer offers of a title tell nothing of how much titles have of their own.</summary>
    private const int FewestImpressions = 20;

    /// <summary>A reason worth less than half a percent of the click rate is none.</summary>
    private const double LeastEffect = 0.005;

    /// <summary>The largest expected gain first; equal ones by article id.</summary>
    /// <param name="name">The model's, with its version, for example <c>headline v3</c>.</param>
    /// <param name="log">What is known; events from <paramref name="asOfMicros"/> on are passed over.</param>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the model cannot explain itself.</exception>
    public static IReadOnlyList<SuggestedAction> Better(string name, IModel model, ArticleLog log, long asOfMicros, ActionOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        var estimator = new HeadlineEstimator();
        var (window, known) = (EpochMicros.Of(estimator.Window), log.Before(asOfMicros));
        if (known.Count == 0) return [];
        var weeks = 1 + (int)((asOfMicros - known.Events[0].TimeMicros) / window);
        var tests = estimator.TestsOf(known, [.. Enumerable.Range(0, weeks).Select(week => asOfMicros - (weeks - week) * window)], cancel);
        if (tests.Count == 0) return [];
        var x = HeadlineTest.FeaturesOf(tests);
        var expected = new double[x.Rows];
        model.Predict(x, expected);

        var places = new List<Place>();
        foreach (var test in tests) places.Add(new Place(test, places.Count == 0 ? 0 : places[^1].End));
        var belief = HeadlineBelief.Of(places.Where(p => p.Test.StartMicros + window <= asOfMicros && p.Test.Titles.All(t => t.Impressions >= FewestImpressions)).Select(p => (p.Test, expected[p.From..p.End])));
        var chosen = places.Where(p => p.Test.StartMicros + window > asOfMicros).Select(p => Choice.Of(p, expected[p.From..p.End], belief))
            .Where(c => c.Factor >= options.LeastHeadlineGain).OrderByDescending(c => c.Factor).ThenBy(c => c.Place.Test.ArticleId, StringComparer.Ordinal).Take(options.MostOfAKind).ToList();
        var why = Reasons.Of(model, x, [.. chosen.Select(c => c.Row)], x.Names.Count, column => HeadlineWords.ThemeOf(HeadlineTest.Plain(column)), (column, over, _) => over == 0 ? "" : HeadlineWords.Say(HeadlineTest.Plain(column), over));
        return [.. chosen.Select((c, i) => new SuggestedAction(ActionKind.Headline, null, c.Place.Test.ArticleId,
            string.Create(CultureInfo.InvariantCulture, $"Keep the headline “{c.Title}”: {c.Factor - 1:0.0 %} more clicks than its headlines in turn are expected."), c.Factor,
            [.. why[i].Where(r => r.Words.Length > 0).Select(r => (r.Effect, Words: $"it {r.Words}")).Append((c.Counted, c.CountedWords)).Where(r => r.Item1 >= LeastEffect).OrderByDescending(r => r.Item1).Take(3).Select(r => r.Item2)],
            name, asOfMicros))];
    }

    /// <summary>A test and the rows of its titles.</summary>
    private readonly record struct Place(HeadlineTest Test, int From)
    {
        public int End => From + Test.Titles.Count;
    }

    /// <param name="Best">Position of the chosen title in its test.</param>
    /// <param name="Factor">Its expected click rate over the mean of the test's.</param>
    /// <param name="Counted">What the clicks so far add to its ln click rate over the test.</param>
    private sealed record Choice(Place Place, int Best, double Factor, double Counted)
    {
        public int Row => Place.From + Best;
        public string Title => Place.Test.Titles[Best].Title;

        public string CountedWords
        {
            get
            {
                var (best, titles) = (Place.Test.Titles[Best], Place.Test.Titles);
                var (offers, clicks) = (titles.Sum(t => t.Impressions) - best.Impressions, titles.Sum(t => t.Clicks) - best.Clicks);
                return string.Create(CultureInfo.InvariantCulture, $"so far it was clicked {best.Clicks} of {best.Impressions} times ({(double)best.Clicks / best.Impressions:0.0 %}), otherwise {clicks} of {offers} ({(double)clicks / offers:0.0 %})");
            }
        }

        public static Choice Of(Place place, double[] expected, HeadlineBelief belief)
        {
            var believed = belief.Of(place.Test, expected);
            var best = Array.IndexOf(believed, believed.Max());
            return new Choice(place, best, 1 / believed.Average(b => Math.Exp(b - believed[best])), believed[best] - believed.Average() - (expected[best] - expected.Average()));
        }
    }
}
