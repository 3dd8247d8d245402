using System.Runtime.InteropServices;

namespace Media.Models.NextReads;

/// <summary>One reader's unread articles with a row of <see cref="CandidateFeatures"/> each.</summary>
/// <param name="Articles">Indices into the log's articles.</param>
/// <param name="Values">Articles × features, row-major, NaN = absent.</param>
internal sealed record CandidateSet(int[] Articles, float[] Values)
{
    public ReadOnlySpan<float> Row(int article) => Values.AsSpan(article * CandidateFeatures.Names.Count, CandidateFeatures.Names.Count);
}

/// <summary>Narrows one reader's unread articles to those worth ranking, and computes the features of each.</summary>
/// <remarks>Worth ranking are the first of each of several orders: newest, most popular at three decays, best liked by similar readers. Not thread-safe.</remarks>
internal sealed class CandidateBuilder(ReadingState state, int articlesPerOrder)
{
    /// <summary>Positions in <see cref="DecayedCounts.Days"/> of the popularities that articles are ordered by: 0.25, 1 and 7 days.</summary>
    public static ReadOnlySpan<int> RankedDecays => [1, 3, 5];

    private const double ActiveDays = 3;
    private const int ReadingsLookedAt = 300;
    private const int ReadersLookedAt = 300;
    private const double RecentDays = 20;
    private const double FollowDays = 45;

    private readonly ReadingFactors _factors = new(state);
    private readonly Offering _offering = new(state);
    private readonly ReadingContent _content = new(state);
    private readonly double[] _recent = new double[state.Readers.Length];
    private readonly double[] _all = new double[state.Readers.Length];
    private readonly double[] _followed = new double[state.Readers.Length];
    private readonly List<int> _touched = [];
    private long _boardMicros = long.MinValue;
    private int[] _newest = [];
    private readonly int[][] _popular = new int[RankedDecays.Length][];
    private readonly double[][] _popularity = new double[RankedDecays.Length][];
    private readonly List<int> _activeReaders = [];
    private bool[] _active = [];

    public ReadingState State => state;

    /// <summary>What articles are about, as of the state's instant.</summary>
    public ReadingContent Content => _content;

    /// <summary>The reader's unread articles that are worth ranking, in the order of their indices.</summary>
    /// <param name="reader">Index into the log's readers; −1 for one whom the log does not know.</param>
    public CandidateSet Build(int reader, CancellationToken cancel) => Build(reader, _ => true, cancel);

    /// <summary>The same among some articles only.</summary>
    /// <param name="among">Whether an article, by its index, is one of them.</param>
    public CandidateSet Build(int reader, Func<int, bool> among, CancellationToken cancel)
    {
        var candidate = Look(reader, among, cancel);
        return Fill(candidate, candidate.Candidates);
    }

    /// <summary>The same features for articles that are given, beside those worth ranking among some.</summary>
    /// <param name="articles">Indices into the log's articles; −1 for one that the log does not know.</param>
    public CandidateSet Build(int reader, Func<int, bool> among, int[] articles, CancellationToken cancel) => Fill(Look(reader, among, cancel), articles);

    private CandidateSet Fill(Candidate candidate, int[] articles)
    {
        var width = CandidateFeatures.Names.Count;
        var values = new float[articles.Length * width];
        for (var a = 0; a < articles.Length; a++)
        {
            Turn(candidate, articles[a]);
            CandidateFeatures.Fill(candidate, values.AsSpan(a * width, width));
        }
        return new CandidateSet(articles, values);
    }

    /// <summary>Everything about the reader that does not depend on the article.</summary>
    private Candidate Look(int reader, Func<int, bool> among, CancellationToken cancel)
    {
        RefreshBoard();
        var trace = (reader >= 0 ? state.Readers[reader] : null) ?? new ReaderTrace(state.NowMicros);
        LookAtSimilarReaders(reader, trace);
        _offering.TurnTo(reader);
        _content.TurnTo(trace);
        var factors = reader >= 0 ? _factors.Scores(reader, cancel) : [];
        int[] candidates = [.. Candidates(trace, among)];
        var candidate = new Candidate
        {
            State = state,
            Reader = trace,
            ReaderIndex = reader,
            Recent = _recent,
            All = _all,
            Followed = _followed,
            Active = _active,
            ActiveReaders = _activeReaders.Count,
            Factors = factors.ToArray(),
            Candidates = candidates,
            UnreadWithin = [.. ((ReadOnlySpan<double>)[1, 3, 7]).ToArray().Select(days => UnreadWithin(trace, days))],
        };
        var known = candidates.Select(a => state.Articles[a]!).ToArray();
        candidate.Ages = Sorted(known.Select(a => (double)a.FirstMicros));
        candidate.Popularities = [.. RankedDecays.ToArray().Select((_, d) => Sorted(candidates.Select(a => _popularity[d][a])))];
        candidate.Likings = Sorted(known.Select(a => a.Readers.Sum(r => _recent[r.Of])));
        candidate.FactorScores = Sorted(candidates.Select(a => (double)candidate.FactorScoreOf(a)).Where(s => !double.IsNaN(s)));
        return candidate;
    }

    private void Turn(Candidate candidate, int article)
    {
        candidate.ArticleIndex = article;
        candidate.Article = (article >= 0 ? state.Articles[article] : null) ?? new ArticleTrace(-1, state.NowMicros);
        (candidate.Outlook, candidate.ContentLikeness) = (_offering.Of(article), _content.LikenessTo(article));
        candidate.FirstReader = candidate.Article.FirstReader >= 0 ? state.Readers[candidate.Article.FirstReader] : null;
        var (recent, all, most, followed, mostFollowed) = (0.0, 0.0, 0.0, 0.0, 0.0);
        var active = 0;
        foreach (var (reader, _) in CollectionsMarshal.AsSpan(candidate.Article.Readers))
        {
            recent += _recent[reader];
            all += _all[reader];
            followed += _followed[reader];
            most = Math.Max(most, _recent[reader]);
            mostFollowed = Math.Max(mostFollowed, _followed[reader]);
            if (_active[reader]) active++;
        }
        (candidate.Liked, candidate.LikedEver, candidate.MostLiked, candidate.FollowedSum, candidate.MostFollowed, candidate.ActiveWhoRead) = (recent, all, most, followed, mostFollowed, active);
    }

    private SortedSet<int> Candidates(ReaderTrace reader, Func<int, bool> among)
    {
        var chosen = new SortedSet<int>();
        Take(_newest, articlesPerOrder);
        foreach (var order in _popular) Take(order, articlesPerOrder);
        var liked = new Dictionary<int, double>();
        foreach (var similar in _touched)
        {
            var readings = CollectionsMarshal.AsSpan(state.Readers[similar]!.Articles);
            for (var r = readings.Length - 1; r >= 0 && state.NowMicros - readings[r].Micros < RecentDays * ReadingState.DayMicros; r--)
                if (!reader.Seen.Contains(readings[r].Of) && among(readings[r].Of)) CollectionsMarshal.GetValueRefOrAddDefault(liked, readings[r].Of, out _) += _recent[similar];
        }
        Take([.. liked.OrderByDescending(l => l.Value).ThenBy(l => l.Key).Select(l => l.Key).Take(articlesPerOrder / 2)], articlesPerOrder / 2);
        return chosen;

        void Take(int[] order, int most)
        {
            var taken = 0;
            for (var i = 0; i < order.Length && taken < most; i++)
            {
                if (reader.Seen.Contains(order[i]) || !among(order[i])) continue;
                chosen.Add(order[i]);
                taken++;
            }
        }
    }

    /// <summary>Who has read the same articles, rare ones telling more; and whom the reader tends to follow: who had read them on an earlier day.</summary>
    private void LookAtSimilarReaders(int reader, ReaderTrace trace)
    {
        foreach (var similar in _touched) _recent[similar] = _all[similar] = _followed[similar] = 0;
        _touched.Clear();
        foreach (var (article, micros) in CollectionsMarshal.AsSpan(trace.Articles)[Math.Max(0, trace.Articles.Count - ReadingsLookedAt)..])
        {
            var readers = CollectionsMarshal.AsSpan(state.Articles[article]!.Readers);
            var rarity = 1 / Math.Log(2 + readers.Length);
            var days = (state.NowMicros - micros) / (double)ReadingState.DayMicros;
            var (recent, follow) = (rarity * Math.Exp(-days / RecentDays), Math.Exp(-days / FollowDays));
            var startOfDay = micros - micros % ReadingState.DayMicros;
            foreach (var (other, otherMicros) in readers[Math.Max(0, readers.Length - ReadersLookedAt)..])
            {
                if (other == reader) continue;
                if (_all[other] == 0) _touched.Add(other);
                _all[other] += rarity;
                _recent[other] += recent;
                if (otherMicros < startOfDay) _followed[other] += follow;
            }
        }
        foreach (var other in _touched)
        {
            var readings = state.Readers[other]!.Articles.Count;
            _all[other] /= Math.Sqrt(readings + 10);
            _recent[other] /= Math.Sqrt(readings + 10);
            _followed[other] /= readings + 5;
        }
    }

    /// <summary>The orders of all articles at this instant, shared by all readers.</summary>
    private void RefreshBoard()
    {
        if (_boardMicros == state.NowMicros) return;
        _boardMicros = state.NowMicros;
        var known = state.Known;
        _newest = [.. known.OrderByDescending(a => state.Articles[a]!.FirstMicros).ThenBy(a => a)];
        for (var d = 0; d < RankedDecays.Length; d++)
        {
            var popularity = new double[state.Articles.Length];
            foreach (var article in known) popularity[article] = state.Articles[article]!.FirstReadings.At(state.NowMicros, RankedDecays[d]);
            _popularity[d] = popularity;
            _popular[d] = [.. known.OrderByDescending(a => popularity[a]).ThenBy(a => a)];
        }
        _active = new bool[state.Readers.Length];
        _activeReaders.Clear();
        for (var reader = 0; reader < _active.Length; reader++)
        {
            if (state.Readers[reader] is not { } trace || state.NowMicros - trace.LastMicros > ActiveDays * ReadingState.DayMicros) continue;
            _active[reader] = true;
            _activeReaders.Add(reader);
        }
    }

    private int UnreadWithin(ReaderTrace reader, double days)
    {
        var unread = 0;
        foreach (var article in _newest)
        {
            if (state.NowMicros - state.Articles[article]!.FirstMicros > days * ReadingState.DayMicros) break;
            if (!reader.Seen.Contains(article)) unread++;
        }
        return unread;
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];
}
