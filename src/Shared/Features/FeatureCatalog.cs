using Media.Events;
using Media.Sessions;

namespace Media.Features;

/// <summary>Every feature of a reader, and their values as of an instant.</summary>
/// <remarks>Pure and thread-safe. Only sessions with session_end &lt; as-of are looked at: nothing that ends at or after it can change a row.</remarks>
public static class FeatureCatalog
{
    /// <summary>Every feature, in the contract's order.</summary>
    public static IReadOnlyList<Feature> All { get; } =
    [
        .. BehaviourFeatures.All, .. EngagementFeatures.All, .. ConversionFeatures.All, .. BrandShareFeatures.All,
        .. DerivedFeatures.All, .. TemporalFeatures.All, .. LatestSessionOneHot.All,
    ];

    /// <summary>The features' names, in the same order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(f => f.Name)];

    /// <summary>The features' names by the group they belong to, e.g. what to leave out together when asking what a group is worth.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["behaviour"] = NamesOf(BehaviourFeatures.All), ["engagement"] = NamesOf(EngagementFeatures.All), ["conversion"] = NamesOf(ConversionFeatures.All),
        ["brand_share"] = NamesOf(BrandShareFeatures.All), ["derived"] = NamesOf(DerivedFeatures.All), ["temporal"] = NamesOf(TemporalFeatures.All),
        ["latest_session"] = NamesOf(LatestSessionOneHot.All),
    };

    /// <summary>One row per reader who has a session that ended before as-of; the others have none.</summary>
    /// <remarks>Rows in the timelines' order.</remarks>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
    public static FeatureBatch Build(IReadOnlyList<UserTimeline> timelines, long asOfMicros) => BuildMany(timelines, [asOfMicros])[0];

    /// <summary>The same for several instants, with one pass over each reader's sessions.</summary>
    /// <remarks>One batch per instant, in the instants' order.</remarks>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC; strictly ascending.</param>
    /// <exception cref="ArgumentException">The instants do not ascend, or a timeline is not sorted.</exception>
    public static IReadOnlyList<FeatureBatch> BuildMany(IReadOnlyList<UserTimeline> timelines, IReadOnlyList<long> asOfMicros)
    {
        for (var i = 1; i < asOfMicros.Count; i++)
            if (asOfMicros[i] <= asOfMicros[i - 1]) throw new ArgumentException($"As-of instants must ascend, but {asOfMicros[i]} µs follows {asOfMicros[i - 1]} µs.", nameof(asOfMicros));
        var rows = asOfMicros.Select(asOf => new Rows(asOf, timelines.Count)).ToArray();
        foreach (var timeline in timelines)
        {
            var profile = new UserProfile();
            var next = 0;
            foreach (var row in rows)
            {
                while (next < timeline.Sessions.Count && timeline.Sessions[next].SessionEndMicros < row.AsOfMicros) profile.Add(timeline.Sessions[next++]);
                if (profile.Sessions > 0) row.Add(timeline.UserId, profile);
            }
        }
        return [.. rows.Select(r => r.ToBatch())];
    }

    /// <summary>Writes one reader's features.</summary>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC; later than the end of the profile's latest session.</param>
    /// <param name="values">Shape: <see cref="All"/>.Count, in that order; NaN = absent.</param>
    /// <exception cref="ArgumentException">as-of is not later than the latest session's end, or the length differs.</exception>
    /// <exception cref="InvalidOperationException">The profile has no session.</exception>
    public static void Write(UserProfile profile, long asOfMicros, Span<float> values)
    {
        if (values.Length != All.Count) throw new ArgumentException($"values has room for {values.Length} numbers but there are {All.Count} features.", nameof(values));
        if (profile.Latest.SessionEndMicros >= asOfMicros) throw new ArgumentException($"As-of {asOfMicros} µs is not later than the profile's latest session end, {profile.Latest.SessionEndMicros} µs.", nameof(asOfMicros));
        for (var i = 0; i < values.Length; i++) values[i] = (float)All[i].Value(profile, asOfMicros);
    }

    private static IReadOnlyList<string> NamesOf(IEnumerable<Feature> features) => [.. features.Select(f => f.Name)];

    /// <summary>Rows of one instant, growing.</summary>
    private sealed class Rows(long asOfMicros, int capacity)
    {
        private readonly string[] _users = new string[capacity];
        private readonly long[] _latestEventMicros = new long[capacity];
        private readonly float[] _values = new float[capacity * All.Count];
        private int _count;

        public long AsOfMicros => asOfMicros;

        public void Add(UserId user, UserProfile profile)
        {
            Write(profile, asOfMicros, _values.AsSpan(_count * All.Count, All.Count));
            _users[_count] = user.Value;
            _latestEventMicros[_count++] = profile.Latest.SessionEndMicros;
        }

        public FeatureBatch ToBatch()
        {
            var asOf = new long[_count];
            Array.Fill(asOf, asOfMicros);
            return new FeatureBatch(Names, _users[.._count], asOf, _latestEventMicros[.._count], _values[..(_count * All.Count)]);
        }
    }
}
