using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Features.Offers;

namespace Media.Models;

/// <summary>Reads a simulated log up to each row and asks what was to be known by then of its reader and article.</summary>
internal static class ReadingSightings
{
    /// <param name="rows">In order of time.</param>
    /// <param name="ask">Answers for a row from the habits as of it.</param>
    internal static double[] Of(SimulatedTruth truth, LabelledRows rows, ArticleLog log, Func<KnowableReading, int, double> ask)
    {
        var (habits, open, next) = (truth.KnowableReading(), new OpenOffers(), 0);
        var answers = new double[rows.Rows];
        for (var row = 0; row < answers.Length; row++)
        {
            var asOf = rows.X.AsOfMicros[row];
            for (var until = log.IndexAt(asOf); next < until; next++)
            {
                ref readonly var e = ref log.Events[next];
                LearnClosed(e.TimeMicros);
                open.Add(e);
                if (e.Act is ArticleAct.View or ArticleAct.VideoPlay && float.IsFinite(e.EngagedSeconds))
                    habits.LearnTime(new UserId(log.Readers[e.Reader]), log.Articles[e.Article].ArticleId, Math.Max(1, e.EngagedSeconds));
            }
            LearnClosed(asOf);
            answers[row] = ask(habits, row);
        }
        return answers;

        void LearnClosed(long micros)
        {
            while (open.TryClose(micros, out var offer))
                if (offer is { Position: >= 0, Surface: { } surface }) habits.LearnOffer(new UserId(log.Readers[offer.Reader]), log.Articles[offer.Article].ArticleId, offer.Position, surface, offer.Clicked);
        }
    }
}
