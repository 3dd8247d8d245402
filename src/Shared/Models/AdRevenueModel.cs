using System.Collections.Immutable;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models.LightGbm;
using Media.Sessions;

namespace Media.Models;

/// <summary>What the ads of a visit will bring, in USD, asked when the visit starts.</summary>
/// <remarks>
/// Rows: visits that begin within 7 days after a grid instant, of readers with an earlier session; entity = reader, item = session id, as-of = session_start. Label:
/// the session's ad_revenue_usd, most often 0. Features: the 59 as of the start, what ads have been to the reader so far (<see cref="AdHistory"/>), and of the visit itself
/// what its first event shows: hour, referrer, device. Of each instant the same visits by a hash are taken, more of the newest, which tests.
/// <para>Two parts: the probability that anything is earned, times what is earned when it is. An ad's slot is chosen within the visit, by the bandit: it is no feature.</para>
/// Immutable, thread-safe.
/// </remarks>
public sealed record AdRevenueEstimator : IBoosted
{
    private const long Day = 86_400_000_000;
    private const int WindowDays = 7;

    private static readonly string[] OfVisit = ["visit_hour", "visit_is_weekend", "visit_referrer_search", "visit_referrer_social", "visit_referrer_newsletter", "visit_device_mobile", "visit_device_app"];

    public string Name => "ad_revenue";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; } = [.. FeatureCatalog.Names, .. AdHistory.Names, .. OfVisit];
    public IReadOnlyList<string> RowFeatures => OfVisit;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups { get; } =
        new Dictionary<string, IReadOnlyList<string>>(FeatureCatalog.Groups) { ["ad_history"] = AdHistory.Names, ["visit"] = OfVisit };

    /// <summary>Visits begin within 7 days and last a day at most.</summary>
    public TimeSpan Horizon => TimeSpan.FromDays(WindowDays + 1);

    public string LabelDefinition => "Rows: visits, at their start, of readers who were here before. Label: USD that the visit's ads bring.";

    /// <summary>Most visits of each grid instant but the newest. Default 2,500, range ≥ 1.</summary>
    public int RowsPerInstant { get; init; } = 2_500;

    /// <summary>Most visits of the newest grid instant. Default 8,000, range ≥ 1.</summary>
    public int RowsOfNewest { get; init; } = 8_000;

    /// <summary>Whether anything is earned: few trees, since the history says nearly all in a line.</summary>
    public BoostedOptions Any { get; init; } = new() { Folds = 3, LineL2 = 3_000, Belief = "log_expected_ad_clicks", Trees = Small };

    /// <summary>How much, when it is.</summary>
    public BoostedAmountOptions Amount { get; init; } = new() { Objective = LightGbmObjective.Gamma, Fitting = new BoostedOptions { Folds = 3, LineL2 = 3_000, Trees = Small } };

    public IReadOnlyList<BoostedPart> Parts =>
    [
        BoostedPart.YesNo(Any, any => this with { Any = any }) with { Name = "whether anything is earned", Learns = (x, y) => (x, IsEarned(y)) },
        BoostedPart.Amount(Amount, amount => this with { Amount = amount }) with { Name = "how much", Learns = Earned },
    ];

    private static LightGbmParameters Small => new() { Trees = 200, LearningRate = 0.05, Leaves = 6, RowsPerLeaf = 200, FeatureShare = 0.3, RowShare = 0.5, L2 = 50, Bins = 63, Patience = 15 };

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var chosen = new List<Session>();
        for (var i = 0; i < asOfs.Count; i++)
        {
            var until = Math.Min(asOfs[i] + WindowDays * Day, i + 1 < asOfs.Count ? asOfs[i + 1] : long.MaxValue);
            chosen.AddRange(history.Timelines.SelectMany(t => t.Sessions.Where(s => s.SessionStartMicros >= asOfs[i] && s.SessionStartMicros < until && t.Sessions[0].SessionEndMicros < s.SessionStartMicros))
                .Where(s => double.IsFinite(s[SessionMetrics.AdRevenueUsd]))
                .OrderBy(s => s.SessionId, StringComparer.Ordinal).Take(i + 1 < asOfs.Count ? RowsPerInstant : RowsOfNewest));
        }
        List<Session> visits = [.. chosen.OrderBy(s => s.SessionStartMicros).ThenBy(s => s.SessionId, StringComparer.Ordinal)];
        var context = new float[visits.Count * OfVisit.Length];
        for (var row = 0; row < visits.Count; row++) WriteVisit(visits[row], context.AsSpan(row * OfVisit.Length, OfVisit.Length));
        var keys = new FeatureBatch(OfVisit, [.. visits.Select(v => v.UserId.Value)], [.. visits.Select(v => v.SessionStartMicros)], new long[visits.Count], context, [.. visits.Select(v => v.SessionId)]);
        // A visit's own end closes its label: 24 h after the start at the latest, which is the longest session.
        return new LabelledRows(FeaturesOf(history, keys, cancel), [.. visits.Select(v => (float)v[SessionMetrics.AdRevenueUsd])], [.. visits.Select(v => new LabelWindow(v.SessionStartMicros, v.SessionStartMicros + Day))]);
    }

    /// <remarks>Looks at sessions that ended before each row's as-of only, also when the history reaches further.</remarks>
    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel)
    {
        var width = Features.Count;
        var values = new float[rows.Rows * width];
        var latest = new long[rows.Rows];
        var visits = rows.Select(OfVisit);
        var segments = SegmentTotals(known, rows.AsOfMicros);
        foreach (var reader in Enumerable.Range(0, rows.Rows).GroupBy(row => rows.Entities[row]))
        {
            cancel.ThrowIfCancellationRequested();
            var (sessions, next, profile, own) = (known.SessionsOf(reader.Key), 0, new UserProfile(), new AdTotals());
            foreach (var row in reader.OrderBy(row => rows.AsOfMicros[row]))
            {
                for (; next < sessions.Count && sessions[next].SessionEndMicros < rows.AsOfMicros[row]; next++)
                {
                    profile.Add(sessions[next]);
                    own = own.With(sessions[next]);
                }
                if (next == 0) throw new ArgumentException($"Reader '{reader.Key}' has no session before {EpochMicros.Instant(rows.AsOfMicros[row]):O}.");
                var at = values.AsSpan(row * width, width);
                FeatureCatalog.Write(profile, rows.AsOfMicros[row], at[..FeatureCatalog.All.Count]);
                AdHistory.Write(own, segments[rows.AsOfMicros[row]].GetValueOrDefault(Key(profile.Latest)), at.Slice(FeatureCatalog.All.Count, AdHistory.Names.Count));
                visits.Row(row).CopyTo(at[^OfVisit.Length..]);
                latest[row] = profile.Latest.SessionEndMicros;
            }
        }
        return new FeatureBatch(Features, rows.Entities, rows.AsOfMicros, latest, values, rows.Items);
    }

    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var of = rows.X.Entities.Distinct().ToDictionary(reader => reader, reader => truth.AdRevenue(new UserId(reader)).MeanUsd, StringComparer.Ordinal);
        return [.. rows.X.Entities.Select(reader => of[reader])];
    }

    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var expected = new double[rows.Rows];
        for (var row = 0; row < expected.Length; row++)
        {
            Session[] earlier = [.. history.SessionsOf(rows.X.Entities[row]).TakeWhile(s => s.SessionEndMicros < rows.X.AsOfMicros[row]).Where(s => double.IsFinite(s[SessionMetrics.AdImpressions]))];
            var segment = history.SessionsOf(rows.X.Entities[row])[0].UserSegment ?? throw new ArgumentException($"Reader '{rows.X.Entities[row]}' names no segment; simulated ones do.");
            expected[row] = truth.KnowableAdRevenueUsd(segment, [.. earlier.Select(s => (int)s[SessionMetrics.AdImpressions])], (int)earlier.Sum(s => s[SessionMetrics.AdClicks]));
        }
        return expected;
    }

    /// <exception cref="ArgumentException">A label is negative, or all are 0 or none is.</exception>
    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        foreach (var label in y)
            if (!(label >= 0)) throw new ArgumentException($"A label is {label}; revenue is at least 0.");
        var labels = y.ToArray();
        var any = BoostedModel.Fit(Name, Features, Any, x, IsEarned(labels), cancel);
        var (earnedX, earnedY) = Earned(x, labels);
        var amount = BoostedAmountModel.Fit(Name, Features, Amount, earnedX, earnedY, cancel);
        return new AdRevenueModel(Name, Features, any, amount);
    }

    public IModel Load(Stream saved)
    {
        var parts = ModelFile.Read<AdRevenueModel.Parts>(saved, Name, Features);
        return new AdRevenueModel(Name, Features, BoostedModel.Load(Name, Features, new MemoryStream(parts.Any, writable: false)), BoostedAmountModel.Load(Name, Features, new MemoryStream(parts.Amount, writable: false)));
    }

    private static float[] IsEarned(float[] labels) => [.. labels.Select(l => l > 0 ? 1f : 0f)];

    private static (FeatureBatch X, float[] Y) Earned(FeatureBatch x, float[] labels)
    {
        int[] earned = [.. Enumerable.Range(0, labels.Length).Where(row => labels[row] > 0)];
        return (x.Take(earned), [.. earned.Select(row => labels[row])]);
    }

    /// <summary>The totals of each segment as of each instant; a session counts to the segment it names.</summary>
    private static Dictionary<long, ImmutableDictionary<int, AdTotals>> SegmentTotals(History known, long[] asOfs)
    {
        var ended = known.Timelines.SelectMany(t => t.Sessions).OrderBy(s => s.SessionEndMicros).ThenBy(s => s.SessionId, StringComparer.Ordinal).ToList();
        var at = new Dictionary<long, ImmutableDictionary<int, AdTotals>>();
        var totals = ImmutableDictionary<int, AdTotals>.Empty;
        var next = 0;
        foreach (var asOf in asOfs.Distinct().Order())
        {
            for (; next < ended.Count && ended[next].SessionEndMicros < asOf; next++)
                totals = totals.SetItem(Key(ended[next]), totals.GetValueOrDefault(Key(ended[next])).With(ended[next]));
            at.Add(asOf, totals);
        }
        return at;
    }

    private static int Key(Session session) => session.UserSegment is { } segment ? (int)segment : -1;

    private static void WriteVisit(Session visit, Span<float> values)
    {
        var start = EpochMicros.Instant(visit.SessionStartMicros);
        values[0] = start.Hour;
        values[1] = start.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1 : 0;
        values[2] = Flag(visit.Referrer, Referrer.Google, Referrer.Bing);
        values[3] = Flag(visit.Referrer, Referrer.Facebook, Referrer.Twitter, Referrer.Reddit, Referrer.Linkedin);
        values[4] = Flag(visit.Referrer, Referrer.Newsletter);
        values[5] = Flag(visit.DeviceType, DeviceType.Mobile);
        values[6] = Flag(visit.DeviceType, DeviceType.App);
    }

    private static float Flag<T>(T? value, params ReadOnlySpan<T> any) where T : struct, Enum => value is not { } known ? float.NaN : any.Contains(known) ? 1 : 0;
}

/// <summary>Expected ad revenue of a visit: the probability of any × the amount when there is one.</summary>
/// <remarks>Outputs: 1, USD, ≥ 0. Contributions are of the log-odds of any: what moves the amount hardly differs between readers. Immutable, thread-safe.</remarks>
public sealed class AdRevenueModel : ILearnsOn, IExplains
{
    private readonly string _name;
    private readonly BoostedModel _any;
    private readonly BoostedAmountModel _amount;

    internal AdRevenueModel(string name, IReadOnlyList<string> features, BoostedModel any, BoostedAmountModel amount) => (_name, Features, _any, _amount) = (name, features, any, amount);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        _any.Predict(x, scores);
        var amounts = new double[x.Rows];
        _amount.Predict(x, amounts);
        for (var row = 0; row < amounts.Length; row++) scores[row] *= amounts[row];
    }

    public void Save(Stream to)
    {
        using var any = new MemoryStream();
        using var amount = new MemoryStream();
        _any.Save(any);
        _amount.Save(amount);
        ModelFile.Write(to, _name, Features, new Parts(any.ToArray(), amount.ToArray()));
    }

    public ModelUpdate LearnOn(IReadOnlyList<BoostedPart> parts, FeatureBatch fresh, float[] y, LearnOnOptions options, CancellationToken cancel)
    {
        var (any, ofAny) = _any.LearnOn(parts[0], fresh, y, options, cancel);
        var (amount, ofAmount) = _amount.LearnOn(parts[1], fresh, y, options, cancel);
        return new ModelUpdate(ofAny.Taken || ofAmount.Taken ? new AdRevenueModel(_name, Features, any, amount) : this, [ofAny, ofAmount]);
    }

    public double[] Contributions(FeatureBatch x) => _any.Contributions(x);

    public IReadOnlyList<FeatureImportance> Importances(FeatureBatch x) => _any.Importances(x);

    /// <summary>The bytes of both parts.</summary>
    internal sealed record Parts(byte[] Any, byte[] Amount);
}
