using System.Globalization;
using Media.Events;

namespace Media.Features;

/// <summary>Everything that readers did, reader by reader in order of time: what rows about their activity and its future are made of.</summary>
/// <remarks>For sources whose events say who, when, which article and which kind of act, and no more. Not changed after construction; thread-safe.</remarks>
public sealed class ActivityLog
{
    private readonly Dictionary<string, List<Act>> _actsOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _firstSeen = new(StringComparer.Ordinal);

    private ActivityLog()
    {
    }

    /// <summary>µs since the Unix epoch, UTC, of the first and the last event; 0 when there is none.</summary>
    public (long First, long Last) Span { get; private set; }

    /// <summary>Takes in events.</summary>
    /// <param name="events">In order of time.</param>
    /// <exception cref="ArgumentException">An event is earlier than the one before it.</exception>
    public static ActivityLog Of(IEnumerable<MediaEvent> events)
    {
        var log = new ActivityLog();
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var e in events)
        {
            if (e.EventTimeMicros < last) throw new ArgumentException($"Event {e.EventId.Value} is earlier than the one before it.");
            last = e.EventTimeMicros;
            first = Math.Min(first, last);
            if (!log._actsOf.TryGetValue(e.UserId.Value, out var acts)) log._actsOf.Add(e.UserId.Value, acts = []);
            var article = e.Article?.ArticleId ?? "";
            log._firstSeen.TryAdd(article, last);
            acts.Add(new Act(last, KindOf(e), article, e.DeviceType));
        }
        if (last >= first) log.Span = (first, last);
        return log;
    }

    /// <summary>One row for each reader with an act in [asOf − lookBack, asOf), with the features of <see cref="ActivityFeatures"/>; ordered by id, as numbers where ids are whole numbers.</summary>
    /// <param name="asOfMicros">Only acts before it are looked at.</param>
    public FeatureBatch RowsAt(long asOfMicros, TimeSpan lookBack)
    {
        var from = asOfMicros - EpochMicros.Of(lookBack);
        List<string> readers = [.. _actsOf.Where(a => CountBetween(a.Value, from, asOfMicros) > 0).Select(a => a.Key)];
        readers.Sort(ByNumberThenText);
        var width = ActivityFeatures.Names.Count;
        var (values, latest) = (new float[readers.Count * width], new long[readers.Count]);
        Parallel.For(0, readers.Count, row =>
        {
            var acts = _actsOf[readers[row]];
            var known = acts[..FirstAtOrAfter(acts, asOfMicros)];
            latest[row] = known[^1].Micros;
            ActivityFeatures.Write(known, _firstSeen, asOfMicros, values.AsSpan(row * width, width));
        });
        return new FeatureBatch(ActivityFeatures.Names, [.. readers], [.. Enumerable.Repeat(asOfMicros, readers.Count)], latest, values);
    }

    /// <summary>For each row the reader's acts in [as-of, as-of + length).</summary>
    public int[] CountsAfter(FeatureBatch rows, TimeSpan length) =>
        [.. rows.Entities.Select((reader, row) => CountBetween(_actsOf[reader], rows.AsOfMicros[row], rows.AsOfMicros[row] + EpochMicros.Of(length)))];

    /// <summary>For each row the reader's acts in [as-of − length, as-of).</summary>
    public int[] CountsBefore(FeatureBatch rows, TimeSpan length) =>
        [.. rows.Entities.Select((reader, row) => CountBetween(_actsOf[reader], rows.AsOfMicros[row] - EpochMicros.Of(length), rows.AsOfMicros[row]))];

    private static int CountBetween(List<Act> acts, long from, long to) => FirstAtOrAfter(acts, to) - FirstAtOrAfter(acts, from);

    private static int FirstAtOrAfter(List<Act> acts, long micros)
    {
        var (low, high) = (0, acts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (acts[middle].Micros < micros) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static ActKind KindOf(MediaEvent e) => e switch
    {
        Reaction { Kind: ReactionKind.Like } => ActKind.Like,
        Reaction { Kind: ReactionKind.Comment } => ActKind.Comment,
        Reaction { Kind: ReactionKind.Bookmark } => ActKind.Bookmark,
        Reaction => ActKind.OtherReaction,
        _ => ActKind.View,
    };

    private static int ByNumberThenText(string a, string b)
    {
        var (aIsNumber, bIsNumber) = (TryNumber(a, out var x), TryNumber(b, out var y));
        return aIsNumber && bIsNumber ? x.CompareTo(y) : aIsNumber != bIsNumber ? (aIsNumber ? -1 : 1) : string.CompareOrdinal(a, b);

        static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }
}

/// <summary>What a reader did with an article.</summary>
internal enum ActKind { View, Like, Comment, Bookmark, OtherReaction }

/// <summary>One thing that a reader did.</summary>
internal readonly record struct Act(long Micros, ActKind Kind, string Article, DeviceType? Device);
