namespace Media.Features;

/// <summary>How often and how long a reader visits.</summary>
public static class BehaviourFeatures
{
    public static IReadOnlyList<Feature> All { get; } =
    [
        new("total_sessions", "sessions", "sessions", (p, _) => p.Sessions),
        new("avg_session_duration_s", "s", "mean duration_s", (p, _) => p.DurationS.Mean),
        new("min_session_duration_s", "s", "shortest duration_s", (p, _) => p.DurationS.Min),
        new("max_session_duration_s", "s", "longest duration_s", (p, _) => p.DurationS.Max),
        new("std_session_duration_s", "s", "standard deviation of duration_s, of the population (÷ n): 0 for one session", (p, _) => p.DurationS.StandardDeviation),
        new("avg_events_per_session", "events", "mean total_events", (p, _) => p.Events.Mean),
        new("avg_pages_per_session", "pages", "mean page_views", (p, _) => p.PageViews.Mean),
        new("avg_categories_per_session", "categories", "mean unique_categories of the sessions where it is known", (p, _) => p.Categories.Mean),
    ];
}
