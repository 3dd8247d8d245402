using Media.Events;
using Media.Events.Simulator;
using Media.Features;

namespace Media.Models;

/// <summary>What the log showed of each article, as the simulator's truth is asked about it.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
internal sealed class ArticleSightings
{
    private readonly ArticleLog _log;
    private readonly List<(ArticleSighting Sighting, long ClickedAt)>[] _ofArticle;

    public ArticleSightings(ArticleLog log)
    {
        _log = log;
        _ofArticle = [.. log.Articles.Select(_ => new List<(ArticleSighting, long)>())];
        var offered = new Dictionary<(int Article, int Reader), int>();
        foreach (var e in log.Events)
        {
            var seen = _ofArticle[e.Article];
            var user = new UserId(log.Readers[e.Reader]);
            switch (e.Act)
            {
                case ArticleAct.Impression:
                    offered[(e.Article, e.Reader)] = seen.Count;
                    seen.Add((new ArticleSighting(e.TimeMicros, user, e.Surface, e.Position, Clicked: false, double.NaN), long.MaxValue));
                    break;
                case ArticleAct.Click when offered.TryGetValue((e.Article, e.Reader), out var at):
                    seen[at] = (seen[at].Sighting with { Clicked = true }, e.TimeMicros);
                    break;
                case ArticleAct.View or ArticleAct.VideoPlay:
                    seen.Add((new ArticleSighting(e.TimeMicros, user, Surface: null, Position: 0, Clicked: false, e.Act == ArticleAct.View ? e.EngagedSeconds * 1_000.0 : double.NaN), long.MaxValue));
                    break;
            }
        }
    }

    /// <summary>The expected ln(1 + views so far + views to come) of each row, by Bayes' rule from what was seen before its as-of.</summary>
    /// <param name="soFar">Views that count already, by article and row.</param>
    public double[] ExpectedLogViews(SimulatedTruth truth, LabelledRows rows, Func<int, int, int> soFar)
    {
        int[] articles = [.. rows.X.Entities.Select(_log.ArticleOf)];
        var odds = truth.KnowableViews([.. articles.Select((article, row) => new ViewsQuestion(rows.X.Entities[row], Before(article, rows.X.AsOfMicros[row]), rows.X.AsOfMicros[row], rows.Windows[row].EndMicros))]);
        return [.. articles.Select((article, row) => odds[row].Sum(o => o.Probability * PoissonLog.Expected(soFar(article, row), o.MeanViews)))];
    }

    /// <summary>How each row's item is expected to be on offer in the row's window.</summary>
    public IReadOnlyList<Exposure> ExpectedExposures(SimulatedTruth truth, LabelledRows rows)
    {
        var lists = Enumerable.Range(0, rows.Rows).GroupBy(row => (Article: rows.X.Items[row], Window: rows.Windows[row])).ToList();
        var found = truth.KnowableExposures([.. lists.Select(l => new ViewsQuestion(l.Key.Article, Before(_log.ArticleOf(l.Key.Article), l.Key.Window.StartMicros), l.Key.Window.StartMicros, l.Key.Window.EndMicros))]);
        var exposures = new Exposure[rows.Rows];
        foreach (var (list, exposure) in lists.Zip(found))
            foreach (var row in list) exposures[row] = exposure;
        return exposures;
    }

    private List<ArticleSighting> Before(int article, long asOfMicros) =>
        [.. _ofArticle[article].TakeWhile(s => s.Sighting.AtMicros < asOfMicros).Select(s => s.Sighting with { Clicked = s.ClickedAt < asOfMicros })];
}
