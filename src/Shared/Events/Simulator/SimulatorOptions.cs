using System.ComponentModel.DataAnnotations;

namespace Media.Events.Simulator;

// Readers of a publisher, drawn from probabilities that are known, so that the best possible score of any model can be computed.
//
//   SimulatorOptions (this file) → Reader.cs: the latent traits of one reader → ReaderLife.cs: comes, stays away, subscribes, day by day
//     → Visit.cs: when and where one session takes place → Newsroom.cs and FrontPage.cs: what there is to read, and how often it is offered
//     → VisitStory.cs: the events of one session → EventSimulator.cs: all of them in event-time order
//   SimulatedTruth.cs recomputes the traits from the same options and answers with the true probability behind every label.
//   Disorder.cs turns the orderly stream into what a network delivers: late, doubled, broken.
//
// Every draw is keyed by (seed, what it is for, who, when): nothing depends on how often or on how many threads the events are enumerated.

/// <summary>How many readers, for how long, and how strongly what they are decides what they do.</summary>
/// <remarks>Immutable, thread-safe. Two equal options give the same events to the last bit on one machine.</remarks>
public sealed record SimulatorOptions
{
    /// <summary>Readers who appear at some time of the run. Default 2,400, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int Users { get; init; } = 2_400;

    /// <summary>Length of the run, in days. Default 180, range 1 – 3,650.</summary>
    [Range(1, 3_650)]
    public int Days { get; init; } = 180;

    /// <summary>First day, UTC. Default 2026-01-01.</summary>
    public DateOnly StartDate { get; init; } = new(2026, 1, 1);

    /// <summary>Another seed, other readers. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// How much of the planted dependence is kept: 1 = all; 0 = none, every reader, article, headline and slot has the same odds,
    /// and visits come without memory. Default 1, range 0 – 1.
    /// </summary>
    [Range(0.0, 1.0)]
    public double Signal { get; init; } = 1;

    /// <summary>New articles of each brand on each day. Default 12, range 4 – 500.</summary>
    [Range(4, 500)]
    public int ArticlesPerBrandPerDay { get; init; } = 12;

    /// <summary>The publisher's brands. Default <see cref="BrandOptions.Defaults"/>; 2 – 50, names distinct.</summary>
    public IReadOnlyList<BrandOptions> Brands { get; init; } = BrandOptions.Defaults;

    /// <summary>The first instant, µs since the Unix epoch.</summary>
    internal long StartMicros => (StartDate.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * Clock.Day;

    /// <summary>Holds every value against its range.</summary>
    /// <exception cref="ArgumentException">Lists all faults, not only the first.</exception>
    public void Validate()
    {
        Options.Check(this,
        [
            Brands.Count is < 2 or > 50 ? $"Brands has {Brands.Count} entries; expected 2 – 50." : null,
            Brands.Select(b => b.Name).Distinct(StringComparer.Ordinal).Count() != Brands.Count ? "Brands holds a name twice." : null,
            .. Brands.Where(b => b.Name.Length == 0 || b.Categories.Count == 0).Select(b => $"Brand '{b.Name}' needs a name and at least one category."),
        ]);
    }
}

/// <summary>One of the publisher's brands and what it writes about.</summary>
public sealed record BrandOptions(string Name, IReadOnlyList<string> Categories)
{
    public static IReadOnlyList<BrandOptions> Defaults { get; } =
    [
        new("bild", ["politics", "sports", "entertainment", "lifestyle", "crime"]),
        new("welt", ["politics", "business", "technology", "culture", "opinion"]),
        new("business_insider", ["business", "tech", "finance", "careers", "markets"]),
        new("politico", ["politics", "policy", "elections", "congress", "white-house"]),
        new("sport_bild", ["football", "basketball", "tennis", "olympics", "transfer"]),
    ];
}

/// <summary>Lengths of time in µs, the unit of event time.</summary>
internal static class Clock
{
    public const long Second = 1_000_000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;
}
