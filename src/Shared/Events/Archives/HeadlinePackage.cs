namespace Media.Events.Archives;

/// <summary>One variant of a headline test: a headline with a picture, how often it was shown and how often clicked.</summary>
/// <param name="Index">The archive's number of the row; packages of a test are ordered by it.</param>
/// <param name="TestId">Which packages compete; readers were dealt to them at random.</param>
/// <param name="Headline">As written; may be empty.</param>
/// <param name="Impressions">≥ 0.</param>
/// <param name="Clicks">0 … Impressions.</param>
/// <param name="Week">Year × 100 + week of the year; 0 when not known.</param>
/// <param name="Eyecatcher">The picture; empty where the data lacks it.</param>
/// <param name="InRiskWindow">Whether readers may not have been dealt at random: of use to learn from, not to claim by.</param>
public sealed record HeadlinePackage(long Index, string TestId, string Headline, long Impressions, long Clicks, int Week, string Eyecatcher, bool InRiskWindow)
{
    /// <summary>Clicks per impression; NaN when never shown.</summary>
    public double ClickRate => (double)Clicks / Impressions;
}
