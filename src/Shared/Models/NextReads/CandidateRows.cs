using Media.Features;

namespace Media.Models.NextReads;

/// <summary>Collects readers' offers as the rows of one batch: entity = reader, item = article.</summary>
internal sealed class CandidateRows
{
    private readonly List<string> _readers = [];
    private readonly List<string> _articles = [];
    private readonly List<long> _asOfs = [];
    private readonly List<long> _latest = [];
    private readonly List<float> _values = [];

    public void Add(ReadingState state, string reader, CandidateSet offers) => Add(state, reader, offers, [.. offers.Articles.Select(a => state.Log.Articles[a].ArticleId)]);

    /// <param name="articles">Their ids, also of those that the log does not know.</param>
    public void Add(ReadingState state, string reader, CandidateSet offers, IReadOnlyList<string> articles)
    {
        for (var row = 0; row < offers.Articles.Length; row++)
        {
            _readers.Add(reader);
            _articles.Add(articles[row]);
            _asOfs.Add(state.NowMicros);
            _latest.Add(state.LatestMicros);
        }
        _values.AddRange(offers.Values);
    }

    public FeatureBatch ToBatch() => new(CandidateFeatures.Names, [.. _readers], [.. _asOfs], [.. _latest], [.. _values], [.. _articles]);
}
