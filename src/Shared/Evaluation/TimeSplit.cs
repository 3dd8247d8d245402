using Media.Events;

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
    /// <remarks>Rows of skipped instants are left out. Order within each part is kept.</remarks>
    /// <exception cref="ArgumentException">A row's as-of instant is not of this split, its label window is not the horizon from there, a user
    /// stands twice for one instant, or a part is empty.</exception>
    public (LabelledRows Train, LabelledRows Test) Cut(LabelledRows rows)
    {
        var train = new List<int>();
        var test = new List<int>();
        var seen = new HashSet<(UserId, long)>();
        var parts = new Dictionary<long, List<int>?> { [Micros(Test)] = test };
        foreach (var t in Train) parts[Micros(t)] = train;
        foreach (var t in Skipped) parts[Micros(t)] = null;
        for (var row = 0; row < rows.Rows; row++)
        {
            var (user, asOf, window) = (rows.X.Users[row], rows.X.AsOfMicros[row], rows.Windows[row]);
            if (!parts.TryGetValue(asOf, out var part))
                throw new ArgumentException($"Row {row} (user '{user}') is as of {asOf} µs, which is no instant of this split.");
            if (part is null) continue;
            if (window.StartMicros < asOf || window.EndMicros > asOf + (long)Horizon.TotalMicroseconds)
                throw new ArgumentException($"Row {row} (user '{user}') has the label window [{window.StartMicros}, {window.EndMicros}) µs, outside the {Horizon.TotalDays:0.##} days after its as-of instant {asOf} µs.");
            if (!seen.Add((user, asOf))) throw new ArgumentException($"User '{user}' stands twice as of {asOf} µs.");
            part.Add(row);
        }
        if (train.Count == 0) throw new ArgumentException("No row is as of a training instant.");
        if (test.Count == 0) throw new ArgumentException($"No row is as of the test instant {Test:yyyy-MM-dd}.");
        return (rows.Take([.. train]), rows.Take([.. test]));
    }

    private static long Micros(DateTimeOffset t) => (t - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
