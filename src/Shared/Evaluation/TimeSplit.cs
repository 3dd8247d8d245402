using System.Globalization;
using Media.Events;
using Media.Models;

namespace Media.Evaluation;

/// <summary>Which as-of instants train a model and which later one tests it.</summary>
/// <remarks>
/// The last instant of the grid is the test. An earlier one trains only if its label window has ended by then: at the test instant its
/// labels were known. Immutable, thread-safe.
/// <code>
///   train as-of ├── label window ──┤
///        train as-of ├── label window ──┤
///              skipped ├── label window ──┤        still open at the test's as-of
///                              test as-of ├── label window ──┤
/// </code>
/// </remarks>
public sealed record TimeSplit
{
    private TimeSplit(IReadOnlyList<DateTimeOffset> train, IReadOnlyList<DateTimeOffset> skipped, DateTimeOffset test, TimeSpan horizon) =>
        (Train, Skipped, Test, Horizon) = (train, skipped, test, horizon);

    /// <summary>Rising; at least one.</summary>
    public IReadOnlyList<DateTimeOffset> Train { get; }

    /// <summary>Instants before the test whose labels were not complete at it; rising.</summary>
    public IReadOnlyList<DateTimeOffset> Skipped { get; }
    public DateTimeOffset Test { get; }

    /// <summary>Length of each label window, from its as-of instant.</summary>
    public TimeSpan Horizon { get; }

    /// <summary>Splits a grid of as-of instants.</summary>
    /// <exception cref="ArgumentException">The horizon is not positive, or no instant lies a horizon before the last.</exception>
    public static TimeSplit Of(IEnumerable<DateTimeOffset> asOfs, TimeSpan horizon)
    {
        if (horizon <= TimeSpan.Zero) throw new ArgumentException($"The horizon is {horizon}; expected more than zero.");
        var sorted = asOfs.Select(t => t.ToUniversalTime()).Distinct().Order().ToList();
        if (sorted.Count == 0) throw new ArgumentException("The grid has no as-of instant.");
        var test = sorted[^1];
        var train = sorted.Where(t => t + horizon <= test).ToList();
        if (train.Count == 0)
            throw new ArgumentException($"No as-of instant lies {horizon.TotalDays:0.##} days before the test at {test:yyyy-MM-dd}; the grid starts at {sorted[0]:yyyy-MM-dd}.");
        return new TimeSplit(train, [.. sorted.Where(t => t < test && t + horizon > test)], test, horizon);
    }

    /// <summary>Instants every <paramref name="step"/> back from <paramref name="last"/>, not before <paramref name="first"/>; rising.</summary>
    /// <exception cref="ArgumentException">The step is not positive, or last is before first.</exception>
    public static IReadOnlyList<DateTimeOffset> Grid(DateTimeOffset first, DateTimeOffset last, TimeSpan step)
    {
        if (step <= TimeSpan.Zero) throw new ArgumentException($"The step is {step}; expected more than zero.");
        if (last < first) throw new ArgumentException($"The grid's last instant {last:O} is before its first {first:O}.");
        var grid = new List<DateTimeOffset>();
        for (var t = last; t >= first; t -= step) grid.Add(t);
        grid.Reverse();
        return grid;
    }

    /// <summary>Cuts labelled rows into train and test and holds the promise against the rows themselves.</summary>
    /// <remarks>A row belongs to the newest instant at or before its own as-of: an offer made during a week belongs to the week's start. Rows of skipped instants are left out. Order within each part is kept.</remarks>
    /// <exception cref="ArgumentException">A row is as of before every instant, its label window starts before its as-of or ends later than the horizon after its
    /// instant, an entity with its item stands twice for one as-of, or a part is empty.</exception>
    public (LabelledRows Train, LabelledRows Test) Cut(LabelledRows rows)
    {
        var train = new List<int>();
        var test = new List<int>();
        var seen = new HashSet<(string Entity, string Item, long AsOf)>();
        List<(long Micros, List<int>? Rows)> parts = [.. Train.Select(t => (EpochMicros.Of(t), train)), .. Skipped.Select(t => (EpochMicros.Of(t), (List<int>?)null)), (EpochMicros.Of(Test), test)];
        for (var row = 0; row < rows.Rows; row++)
        {
            var (entity, asOf, window) = (rows.X.Entities[row], rows.X.AsOfMicros[row], rows.Windows[row]);
            if (asOf < parts[0].Micros) throw new ArgumentException($"Row {row} ('{entity}') is as of {Time(asOf)}, before every instant of this split.");
            var (start, part) = parts.FindLast(p => p.Micros <= asOf);
            if (part is null) continue;
            if (window.StartMicros < asOf || window.EndMicros > start + EpochMicros.Of(Horizon))
                throw new ArgumentException($"Row {row} ('{entity}') as of {Time(asOf)} has the label window [{Time(window.StartMicros)}, {Time(window.EndMicros)}), outside the {Horizon.TotalDays:0.##} days after the instant {Time(start)}.");
            if (!seen.Add((entity, rows.X.Items.Length > 0 ? rows.X.Items[row] : "", asOf))) throw new ArgumentException($"'{entity}' stands twice as of {Time(asOf)}.");
            part.Add(row);
        }
        if (train.Count == 0) throw new ArgumentException("No row is as of a training instant.");
        if (test.Count == 0) throw new ArgumentException($"No row is as of the test instant {Test:yyyy-MM-dd}.");
        return (rows.Take([.. train]), rows.Take([.. test]));
    }

    private static string Time(long micros) => EpochMicros.Instant(micros).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
