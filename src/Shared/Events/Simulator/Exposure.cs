namespace Media.Events.Simulator;

/// <summary>One hour of an article on offer, and the visits to its brand that begin in it.</summary>
/// <param name="Share">Of the exposure, in [0, 1]; 0 = not on offer.</param>
/// <param name="Visits">All of them; an expected number need not be whole.</param>
/// <param name="Landings">Those of them that begin on an article that someone linked to.</param>
internal readonly record struct ExposedHour(double Share, double Visits, double Landings);

/// <summary>How an article is on offer over some hours.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
internal sealed record Exposure(IReadOnlyList<ExposedHour> Hours)
{
    /// <summary>Probability that a reader views the article in one visit, at an hour as likely as others come then; 0 when nobody comes.</summary>
    /// <param name="click">Probability of the reader's click, by position and surface.</param>
    /// <param name="meanRounds">Pages of offers in a visit of the reader.</param>
    public double ReadProbability(Func<int, Surface, double> click, double meanRounds)
    {
        var (firstOffers, laterOffers) = (Visit.Offers(0), Visit.Offers(1));
        var (first, later) = (OfPage(firstOffers, Surface.Home), VisitStory.Later.Sum(l => l.Share * OfPage(laterOffers, l.Surface)));
        var (read, total) = (0.0, 0.0);
        foreach (var (share, visits, landings) in Hours)
        {
            total += visits;
            if (share == 0) continue;
            var views = Math.Min(1, firstOffers * share) * first + (meanRounds - 1) * Math.Min(1, laterOffers * share) * later;
            read += (visits - landings) * (1 - Math.Exp(-views)) + landings * (1 - (1 - share) * Math.Exp(-views));
        }
        return total == 0 ? 0 : read / total;

        double OfPage(int offers, Surface surface)
        {
            var sum = 0.0;
            for (var position = 0; position < offers; position++) sum += click(position, surface);
            return sum / offers;
        }
    }
}
