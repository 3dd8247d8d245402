using System.Text.Json.Serialization;

namespace Media.Models;

/// <summary>How one check ended.</summary>
public enum LeakVerdict
{
    [JsonStringEnumMemberName("passed")] Passed,
    [JsonStringEnumMemberName("failed")] Failed,
    /// <summary>A figure to read; no limit is set on it.</summary>
    [JsonStringEnumMemberName("reported")] Reported,
    /// <summary>What it needs was not given; the sentence says what.</summary>
    [JsonStringEnumMemberName("not_run")] NotRun,
}

/// <summary>One check of the leak gate.</summary>
/// <param name="Name">snake_case: single_feature, label_mean, shuffled_labels, point_in_time, split, group_ablation, dominant_feature, session_ids, no_signal, recomputed.</param>
/// <param name="Figure">What was measured, in the unit that the sentence names; NaN when not run.</param>
/// <param name="Sentence">What was found, for a reader who does not know the check.</param>
public sealed record LeakCheck(string Name, LeakVerdict Verdict, double Figure, string Sentence);

/// <summary>What the leak gate found for one model; kept in its card.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record LeakReport
{
    public required IReadOnlyList<LeakCheck> Checks { get; init; }

    /// <summary>Features excused from single_feature, label_mean and dominant_feature, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> Exceptions { get; init; } = new Dictionary<string, string>();

    /// <summary>No check failed. Checks that were not run do not count: read them too.</summary>
    public bool Passed => Checks.All(c => c.Verdict != LeakVerdict.Failed);

    /// <summary>The failed checks' sentences, or what was not run.</summary>
    public override string ToString()
    {
        var failed = Checks.Where(c => c.Verdict == LeakVerdict.Failed).ToList();
        var open = Checks.Where(c => c.Verdict == LeakVerdict.NotRun).Select(c => c.Name).ToList();
        return failed.Count > 0 ? string.Join(" ", failed.Select(c => $"{c.Name}: {c.Sentence}"))
            : open.Count > 0 ? $"No leak found; not run: {string.Join(", ", open)}."
            : "No leak found.";
    }
}
