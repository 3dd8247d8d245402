using System.Globalization;

namespace Media.Events.Simulator;

/// <summary>What all readers of one segment share.</summary>
/// <param name="Share">of the readers, 0…1; all sum to 1</param>
/// <param name="VisitsPerDay">median over the segment's readers, while they are readers</param>
/// <param name="LapsePerDay">probability of turning away at the end of a day, for a free reader without newsletter</param>
/// <param name="SubscribePerVisit">probability that a visit of a free reader of average depth without newsletter ends in a subscription; 0 = all have one</param>
/// <param name="SignUpPerVisit">probability that a visit of one without newsletter signs up for it</param>
internal sealed record SegmentTraits(
    UserSegment Segment, double Share, double VisitsPerDay, double LapsePerDay, double SubscribePerVisit, double SignUpPerVisit)
{
    /// <summary>In the order of <see cref="UserSegment"/>.</summary>
    public static readonly SegmentTraits[] All =
    [
        new(UserSegment.PowerUser, 0.14, 2.00, 0.022, 0.0003, 0.016),
        new(UserSegment.Engaged, 0.26, 1.15, 0.038, 0.0004, 0.014),
        new(UserSegment.Subscriber, 0.10, 1.15, 0.030, 0, 0.012),
        new(UserSegment.Casual, 0.18, 0.45, 0.070, 0.0003, 0.005),
        new(UserSegment.NewVisitor, 0.12, 0.45, 0.120, 0.0002, 0.003),
        new(UserSegment.Returning, 0.20, 0.70, 0.060, 0.0004, 0.008),
    ];
}

/// <summary>A place readers come from.</summary>
/// <param name="UtcOffsetHours">Standard time: summer time would move as-of midnights for some countries and not for others.</param>
internal sealed record Place(string Country, string City, string Timezone, int UtcOffsetHours)
{
    public static readonly Place[] All =
    [
        new("DE", "Berlin", "Europe/Berlin", 1), new("DE", "Hamburg", "Europe/Berlin", 1), new("DE", "Munich", "Europe/Berlin", 1),
        new("DE", "Cologne", "Europe/Berlin", 1), new("DE", "Leipzig", "Europe/Berlin", 1), new("AT", "Vienna", "Europe/Vienna", 1),
        new("CH", "Zurich", "Europe/Zurich", 1), new("FR", "Paris", "Europe/Paris", 1), new("UK", "London", "Europe/London", 0),
        new("US", "New York", "America/New_York", -5), new("US", "Washington", "America/New_York", -5), new("AU", "Sydney", "Australia/Sydney", 10),
        new("EU", "Brussels", "Europe/Brussels", 1),
    ];

    public static readonly double[] Weights = [0.16, 0.12, 0.10, 0.08, 0.06, 0.08, 0.06, 0.05, 0.07, 0.08, 0.06, 0.03, 0.05];
}

/// <summary>What a reader reads on.</summary>
internal sealed record Device(DeviceType Type, string Os, string? Browser)
{
    public static readonly Device[] All =
    [
        new(DeviceType.Mobile, "Android", "Chrome"), new(DeviceType.Mobile, "iOS", "Safari"), new(DeviceType.Desktop, "Windows", "Edge"),
        new(DeviceType.Desktop, "Windows", "Firefox"), new(DeviceType.Desktop, "macOS", "Safari"), new(DeviceType.App, "Android", null),
        new(DeviceType.App, "iOS", null), new(DeviceType.Tablet, "iPadOS", "Safari"), new(DeviceType.SmartTv, "Tizen", "Samsung Internet"),
    ];

    public static readonly double[] Weights = [0.26, 0.20, 0.14, 0.08, 0.06, 0.10, 0.08, 0.06, 0.02];
}

/// <summary>The latent traits of one reader: drawn once, constant over the run, never written into an event.</summary>
/// <remarks>
/// What a model may find out: segment, tier, newsletter, main place and device stand in every event; visit rate, depth, loyalty and interests
/// show in what the reader does. Immutable, thread-safe.
/// </remarks>
internal sealed class Reader
{
    /// <summary>Most visits on one day: as many as surely fit, each at its longest and with its distance to the next.</summary>
    public const int MostVisitsPerDay = 7;

    /// <summary>Most rounds (pages of offers) in one visit.</summary>
    public const int MostRounds = 5;

    internal const double DeepShare = 0.32;
    internal const double DeepMean = 1.3;
    internal const double SkimMean = -0.6;
    internal const double DepthSd = 0.25;

    // What everyone gets at signal 0: P(no visit in 28 days) = exp(−28 · 0.047) ≈ 0.27, P(subscribes in 28 days) ≈ 28 · 0.047 · 0.06 ≈ 0.08.
    private const double NeutralVisitsPerDay = 0.047;
    private const double NeutralSubscribePerVisit = 0.06;
    private const double NeutralSignUpPerVisit = 0.012;

    private readonly double _subscribePlain;
    private readonly double _subscribeWithNewsletter;
    private readonly double _lapsePlainFree;

    public Reader(SimulatorOptions options, int index, int categories)
    {
        var draws = new Draws(options.Seed, DrawsFor.Reader, index, 0);
        var signal = options.Signal;
        Index = index;
        UserId = IdOf(index);
        var profile = SegmentTraits.All[draws.Pick(Shares)];
        Segment = profile.Segment;
        StartTier = Segment == UserSegment.Subscriber ? PaidTier(ref draws) : SubscriptionTier.Free;
        NextTier = PaidTier(ref draws);
        Newsletter = (NewsletterType)draws.Below(4);
        JoinDay = draws.Chance(0.5) ? 0 : 1 + draws.Below(Math.Max(1, (int)(options.Days * 0.85)));
        Place = Place.All[draws.Pick(Place.Weights)];
        MainDevice = draws.Pick(Device.Weights);
        HomeBrand = draws.Below(options.Brands.Count);
        Loyalty = draws.Between(0.5, 0.95);
        Depth = (draws.Chance(DeepShare) ? DeepMean : SkimMean) + DepthSd * draws.Normal();
        AdTolerance = draws.Normal();
        PeakHour = draws.Pick([0.35, 0.25, 0.40]) switch { 0 => 7.5, 1 => 12.5, _ => 20.0 } + 0.8 * draws.Normal();

        VisitsPerDay = Between(NeutralVisitsPerDay, profile.VisitsPerDay * Math.Exp(0.15 * draws.Normal()), signal);
        var subscribes = profile.SubscribePerVisit * Math.Exp(0.35 * Depth);
        _subscribePlain = Between(NeutralSubscribePerVisit, Math.Min(0.3, subscribes), signal);
        _subscribeWithNewsletter = Between(NeutralSubscribePerVisit, Math.Min(0.3, 100 * subscribes), signal);
        SignUpPerVisit = Between(NeutralSignUpPerVisit, profile.SignUpPerVisit, signal);
        _lapsePlainFree = signal * profile.LapsePerDay * Math.Exp(-0.8 * (Loyalty - 0.725));
        ExtraRounds = ExtraRoundsAt(Depth, signal);

        // Last, so that nothing else depends on how many there are.
        Interests = new float[categories];
        for (var i = 0; i < categories; i++) Interests[i] = (float)draws.Normal();
    }

    public int Index { get; }
    public UserId UserId { get; }
    public UserSegment Segment { get; }
    public SubscriptionTier StartTier { get; }

    /// <summary>The tier this reader takes on subscribing.</summary>
    public SubscriptionTier NextTier { get; }

    /// <summary>The newsletter this reader signs up for, if at all.</summary>
    public NewsletterType Newsletter { get; }

    /// <summary>0 = was a reader before the run began.</summary>
    public int JoinDay { get; }
    public Place Place { get; }

    /// <summary>Index into <see cref="Device.All"/>.</summary>
    public int MainDevice { get; }

    /// <summary>Index of the brand read most.</summary>
    public int HomeBrand { get; }

    /// <summary>Probability that a visit goes to the home brand.</summary>
    public double Loyalty { get; }

    /// <summary>How deeply this one reads: two kinds, those who skim (around −0.6) and those who read (around 1.3); mean 0, variance ≈ 0.8.</summary>
    public double Depth { get; }

    /// <summary>How readily this one clicks ads: standard normal.</summary>
    public double AdTolerance { get; }

    /// <summary>Local hour of the reader's habit.</summary>
    public double PeakHour { get; }

    /// <summary>One standard normal number per category.</summary>
    public float[] Interests { get; }

    /// <summary>Mean visits on an average weekday, while a reader.</summary>
    public double VisitsPerDay { get; }

    /// <summary>Probability that a visit of one without newsletter signs up for it.</summary>
    public double SignUpPerVisit { get; }

    /// <summary>Probability that a visit of a free reader ends in a subscription.</summary>
    public double SubscribePerVisit(bool newsletter) => newsletter ? _subscribeWithNewsletter : _subscribePlain;

    /// <summary>Probability of turning away at the end of a day: a newsletter and a subscription hold a reader.</summary>
    public double LapsePerDay(bool free, bool newsletter) => _lapsePlainFree * (free ? 1 : 0.5) * (newsletter ? 0.6 : 1);

    /// <summary>Probability per day that one who turned away takes an interest again; a newsletter reminds.</summary>
    public static double ReturnPerDay(bool newsletter) => newsletter ? 0.045 : 0.03;

    /// <summary>Mean rounds beyond the first, before the cut at <see cref="MostRounds"/>.</summary>
    public double ExtraRounds { get; }

    public static double ExtraRoundsAt(double depth, double signal) => 0.55 * Math.Exp(0.65 * signal * depth);

    /// <summary>How common a depth is, up to a factor.</summary>
    public static double DensityOfDepth(double depth)
    {
        return DeepShare * Bell(DeepMean) + (1 - DeepShare) * Bell(SkimMean);

        double Bell(double mean) => Math.Exp(-(depth - mean) * (depth - mean) / (2 * DepthSd * DepthSd));
    }

    public static Reader[] All(SimulatorOptions options, int categories)
    {
        var readers = new Reader[options.Users];
        for (var i = 0; i < readers.Length; i++) readers[i] = new Reader(options, i, categories);
        return readers;
    }

    public static UserId IdOf(int index) => new(string.Create(CultureInfo.InvariantCulture, $"reader-{index:D7}"));

    /// <summary>How busy a weekday is beside the mean of the week.</summary>
    public static double WeekdayFactor(DayOfWeek day) => WeekdayFactors[(int)day];

    private static readonly double[] WeekdayFactors = [0.96, 1.06, 1.04, 1.04, 1.03, 0.98, 0.89];
    private static readonly double[] Shares = [.. SegmentTraits.All.Select(p => p.Share)];

    /// <summary>From the neutral value (signal 0) to the planted one (signal 1), along the logarithm.</summary>
    private static double Between(double neutral, double planted, double signal) => neutral * Math.Pow(planted / neutral, signal);

    private static SubscriptionTier PaidTier(ref Draws draws) =>
        draws.Pick([0.72, 0.22, 0.06]) switch { 0 => SubscriptionTier.Premium, 1 => SubscriptionTier.Pro, _ => SubscriptionTier.Enterprise };
}
