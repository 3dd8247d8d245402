using Media.Events;
using Media.Sessions;

namespace Media.Features.Offers;

/// <summary>A reader about to meet an article.</summary>
/// <param name="AsOfMicros">µs since the Unix epoch, UTC.</param>
internal readonly record struct MeetingKey(string Reader, string Article, long AsOfMicros);

/// <summary>Builds rows of meetings: columns of the offer itself, of what is believed of reader and article, and the reader's profile from sessions that ended before.</summary>
/// <remarks>The looks' columns come first, then the others in the order given, then <see cref="FeatureCatalog.Names"/>. Pure, thread-safe.</remarks>
internal sealed class ReadingRows(IReadOnlyList<ReadingFeature> look, IReadOnlyList<ReadingFeature> known)
{
    /// <summary>Columns that the offer itself shows.</summary>
    public IReadOnlyList<string> LookNames { get; } = [.. look.Select(f => f.Name)];

    public IReadOnlyList<string> Names { get; } = [.. look.Concat(known).Select(f => f.Name), .. FeatureCatalog.Names];

    /// <summary>The rows of these meetings, with one pass over the history.</summary>
    /// <param name="meetings">In order of time.</param>
    /// <param name="looks">One per meeting.</param>
    public FeatureBatch Of(History history, IReadOnlyList<MeetingKey> meetings, IReadOnlyList<Look> looks, CancellationToken cancel)
    {
        var writer = new Writer(this, history, new ReadingBelief(history.Articles), meetings.Count);
        for (var row = 0; row < meetings.Count; row++)
        {
            if (row % 1024 == 0) cancel.ThrowIfCancellationRequested();
            writer.Belief.Advance(meetings[row].AsOfMicros);
            writer.Add(meetings[row], looks[row]);
        }
        return writer.ToBatch();
    }

    /// <summary>The same rows from a history that ends at their as-of, given the looks' columns.</summary>
    public FeatureBatch Of(History known, FeatureBatch rows, CancellationToken cancel)
    {
        var given = rows.Select(LookNames);
        var beliefs = new Dictionary<long, ReadingBelief>();
        var parts = new List<FeatureBatch>();
        for (var row = 0; row < rows.Rows; row++)
        {
            cancel.ThrowIfCancellationRequested();
            var asOf = rows.AsOfMicros[row];
            if (!beliefs.TryGetValue(asOf, out var belief)) beliefs.Add(asOf, belief = ReadingBelief.AsOf(known.Articles, asOf));
            var writer = new Writer(this, known, belief, 1);
            writer.Add(new MeetingKey(rows.Entities[row], rows.Items[row], asOf), LookOf(given, row));
            parts.Add(writer.ToBatch());
        }
        return parts.Count > 0 ? FeatureBatch.Concat(parts) : new FeatureBatch(Names, [], [], [], []);
    }

    private static Look LookOf(FeatureBatch given, int row)
    {
        var words = Value("title_words");
        var position = Value("position");
        Surface? surface = null;
        foreach (var s in Enum.GetValues<Surface>())
            if (Value($"surface_{Vocabulary<Surface>.Name(s)}") == 1) surface = s;
        var form = float.IsNaN(words) ? default
            : new TitleForm(Value("title_is_question") == 1, Value("title_starts_with_number") == 1, Value("title_is_exclusive") == 1, Value("title_is_warning") == 1, (int)words);
        return new Look(float.IsNaN(position) ? -1 : (int)position, surface, !float.IsNaN(words), form, Value("article_words"), Value("article_is_video") == 1, Value("article_age_h"));

        float Value(string name)
        {
            for (var c = 0; c < given.Names.Count; c++)
                if (given.Names[c] == name) return given.Row(row)[c];
            return float.NaN;
        }
    }

    /// <summary>Rows growing, each as of an instant not before the one before.</summary>
    private sealed class Writer(ReadingRows shape, History history, ReadingBelief belief, int capacity)
    {
        private readonly Dictionary<string, (UserProfile Profile, IReadOnlyList<Session> Sessions, int Next)> _profiles = new(StringComparer.Ordinal);
        private readonly string[] _readers = new string[capacity];
        private readonly string[] _articles = new string[capacity];
        private readonly long[] _asOf = new long[capacity];
        private readonly long[] _latest = new long[capacity];
        private readonly float[] _values = new float[capacity * shape.Names.Count];
        private int _count;

        public ReadingBelief Belief => belief;

        public void Add(MeetingKey key, Look look)
        {
            var profile = ProfileOf(key.Reader, key.AsOfMicros);
            var index = history.Articles.ArticleOf(key.Article);
            // An article counts as known from its first event before the as-of on, in a whole history as in a cut one.
            var article = index >= 0 && history.Articles.Articles[index] is { } logged && logged.FirstSeenMicros < key.AsOfMicros ? logged : null;
            var meeting = new Meeting { AsOfMicros = key.AsOfMicros, Look = look, Belief = belief, Article = article, Known = belief.Of(history.Articles.ReaderOf(key.Reader), article is null ? -1 : index) };
            var values = _values.AsSpan(_count * shape.Names.Count, shape.Names.Count);
            var c = 0;
            foreach (var feature in shape.Look) values[c++] = (float)feature.Value(meeting);
            foreach (var feature in shape.Known) values[c++] = (float)feature.Value(meeting);
            if (profile.Sessions > 0) FeatureCatalog.Write(profile, key.AsOfMicros, values[c..]);
            else values[c..].Fill(float.NaN);
            (_readers[_count], _articles[_count], _asOf[_count]) = (key.Reader, key.Article, key.AsOfMicros);
            _latest[_count++] = Math.Max(belief.LatestMicros ?? key.AsOfMicros - 1, profile.Sessions > 0 ? profile.Latest.SessionEndMicros : long.MinValue);
        }

        public FeatureBatch ToBatch() => new(shape.Names, _readers, _asOf, _latest, _values, _articles);

        private UserProfile ProfileOf(string reader, long asOfMicros)
        {
            if (!_profiles.TryGetValue(reader, out var at)) at = (new UserProfile(), history.SessionsOf(reader), 0);
            while (at.Next < at.Sessions.Count && at.Sessions[at.Next].SessionEndMicros < asOfMicros) at.Profile.Add(at.Sessions[at.Next++]);
            _profiles[reader] = at;
            return at.Profile;
        }
    }

    private IReadOnlyList<ReadingFeature> Look { get; } = look;
    private IReadOnlyList<ReadingFeature> Known { get; } = known;
}
