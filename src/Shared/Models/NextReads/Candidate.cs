namespace Media.Models.NextReads;

/// <summary>One article before one reader, with all that its features are computed from.</summary>
/// <remarks>The builder turns it from article to article of a reader. Arrays by reader or article are indexed as the log is.</remarks>
internal sealed class Candidate
{
    public required ReadingState State { get; init; }
    public required ReaderTrace Reader { get; init; }
    public required int ReaderIndex { get; init; }

    /// <summary>Likeness of each other reader by what both have read, recently or ever; and how much this reader reads after them.</summary>
    public required double[] Recent { get; init; }
    public required double[] All { get; init; }
    public required double[] Followed { get; init; }

    /// <summary>Who had an event in the last three days, and how many had.</summary>
    public required bool[] Active { get; init; }
    public required int ActiveReaders { get; init; }
    public required float[] Factors { get; init; }

    /// <summary>The articles ranked for this reader; and their values, ascending, to say at which place another value would stand.</summary>
    public required int[] Candidates { get; init; }
    public double[] Ages { get; set; } = [];
    public double[][] Popularities { get; set; } = [];
    public double[] Likings { get; set; } = [];
    public double[] FactorScores { get; set; } = [];

    /// <summary>Unread articles that came out in the last 1, 3 and 7 days.</summary>
    public required int[] UnreadWithin { get; init; }

    public int ArticleIndex { get; set; }
    public ArticleTrace Article { get; set; } = new(-1, 0);
    public ReaderTrace? FirstReader { get; set; }

    /// <summary>Over the article's readers: the sum of <see cref="Recent"/>, of <see cref="All"/>, the greatest of the former; the same of <see cref="Followed"/>; those <see cref="Active"/>.</summary>
    public double Liked { get; set; }
    public double LikedEver { get; set; }
    public double MostLiked { get; set; }
    public double FollowedSum { get; set; }
    public double MostFollowed { get; set; }
    public int ActiveWhoRead { get; set; }

    /// <summary>What offers foretell; null where the data has none.</summary>
    public OfferingOutlook? Outlook { get; set; }

    /// <summary>Of what the article is about and what the reader has read lately, in [0, 1]; NaN where one of both says nothing.</summary>
    public double ContentLikeness { get; set; }

    public long Now => State.NowMicros;
    public double FactorScore => FactorScoreOf(ArticleIndex);

    public float FactorScoreOf(int article) => article >= 0 && article < Factors.Length ? Factors[article] : float.NaN;

    public static double Hours(long micros) => micros / (double)ReadingState.HourMicros;

    public static double DaysOf(long micros) => micros / (double)ReadingState.DayMicros;

    /// <summary>How many of ascending values are greater: 0 = the first place. NaN has no place.</summary>
    public static double Place(double[] ascending, double value)
    {
        if (double.IsNaN(value)) return double.NaN;
        var (low, high) = (0, ascending.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ascending[middle] <= value) low = middle + 1;
            else high = middle;
        }
        return ascending.Length - low;
    }

    /// <summary>By the greatest of ascending values; NaN when that is 0.</summary>
    public static double OfGreatest(double[] ascending, double value) => ascending.Length > 0 ? Ratio(value, ascending[^1]) : double.NaN;

    /// <summary>NaN when there is nothing to divide by.</summary>
    public static double Ratio(double part, double whole) => whole == 0 ? double.NaN : part / whole;
}
