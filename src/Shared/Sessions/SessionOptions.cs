using System.ComponentModel.DataAnnotations;

namespace Media.Sessions;

/// <summary>Where one session ends and the next begins.</summary>
public sealed record SessionOptions
{
    /// <summary>Longest idle time inside a session; an event later than this starts a new one, one exactly this late does not. Default 30 min, range 1 s – 24 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Gap { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Longest session; an event at start + cap or later starts a new one. Default 24 h, range 1 min – 7 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan Cap { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far behind the newest event one may arrive and still be counted into its session. Default 6 h, range 0 – 7 d.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan AllowedLateness { get; init; } = TimeSpan.FromHours(6);
}
