using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

/// <summary>Readers who come back at their own rate until they leave; the label is whether they stay away for the next 28 days.</summary>
/// <remarks>Features are a function of the visits before as-of. <see cref="History"/> is kept so that a row can be rebuilt, or made to leak.</remarks>
internal sealed class ReaderWorld
{
    private const long Day = 86_400_000_000;
    public static readonly long[] AsOfs = [60 * Day, 74 * Day, 88 * Day, 116 * Day];
    public const long Horizon = 28 * Day;
    public const long End = 150 * Day;
    public static readonly string[] Columns = ["visits_7d", "visits_28d", "visits", "days_since_last_visit", "mean_minutes", "age_days", "coin"];

    public sealed record Visit(long AtMicros, float Minutes);

    public Dictionary<string, List<Visit>> History { get; } = [];
    public Dictionary<string, int> City { get; } = [];

    public ReaderWorld(int seed, int users = 350)
    {
        var random = new Random(seed);
        for (var u = 0; u < users; u++)
        {
            var user = $"u{u:0000}";
            var perDay = Math.Exp(random.NextDouble() * 3 - 3);
            var leaves = random.NextDouble() * 60 * Day - Math.Log(1 - random.NextDouble()) * 80 * Day;
            var visits = new List<Visit>();
            for (var t = random.NextDouble() * 50 * Day; t < Math.Min(leaves, End); t -= Math.Log(1 - random.NextDouble()) / perDay * Day)
                visits.Add(new Visit((long)t, (float)(perDay * 10 + random.NextDouble() * 20)));
            City[user] = random.Next(40);
            History[user] = visits;
        }
    }

    /// <summary>The readers active in the 28 days before each of the four instants, in order of instant and user.</summary>
    /// <param name="kind">Yes or no: whether they stay away for the next 28 days. Amount: ln(1 + visits in them).</param>
    public LabelledRows Rows(LabelKind kind = LabelKind.YesNo)
    {
        List<(string User, long AsOf)> keys = [.. AsOfs.SelectMany(t => History.Where(h => h.Value.Any(v => v.AtMicros < t && v.AtMicros >= t - Horizon)).Select(h => (h.Key, t)))];
        var x = Build(keys, (user, asOf) => [.. History[user].Where(v => v.AtMicros < asOf)]);
        var y = keys.Select(k => History[k.User].Count(v => v.AtMicros >= k.AsOf && v.AtMicros < k.AsOf + Horizon) is var visits && kind == LabelKind.Amount ? MathF.Log(1 + visits) : visits == 0 ? 1f : 0f).ToArray();
        return LabelledRows.Of(x, y, TimeSpan.FromDays(28));
    }

    /// <summary>The rows asked for, from visits before as-of only.</summary>
    public FeatureBatch Recompute(FeatureBatch asked) =>
        Build([.. asked.Entities.Zip(asked.AsOfMicros)], (user, asOf) => [.. History[user].Where(v => v.AtMicros < asOf)]);

    /// <summary>Rows computed from whatever visits <paramref name="seen"/> lets through.</summary>
    public static FeatureBatch Build(IReadOnlyList<(string User, long AsOf)> keys, Func<string, long, List<Visit>> seen)
    {
        var values = new List<float>();
        var latest = new List<long>();
        foreach (var (user, asOf) in keys)
        {
            var visits = seen(user, asOf);
            values.AddRange([
                visits.Count(v => v.AtMicros >= asOf - 7 * Day), visits.Count(v => v.AtMicros >= asOf - 28 * Day), visits.Count,
                (float)(asOf - visits[^1].AtMicros) / Day, visits.Average(v => v.Minutes), (float)(asOf - visits[0].AtMicros) / Day,
                new Random(int.Parse(user.AsSpan(1)) * 7919).Next(2)]);
            latest.Add(visits[^1].AtMicros);
        }
        return new FeatureBatch(Columns, [.. keys.Select(k => k.User)], [.. keys.Select(k => k.AsOf)], [.. latest], [.. values]);
    }

    public static LabelledRows WithColumn(LabelledRows rows, string name, Func<int, float> value, Func<int, long>? latest = null)
    {
        var x = rows.X;
        var values = Enumerable.Range(0, x.Rows).SelectMany(r => (float[])[.. x.Row(r), value(r)]).ToArray();
        return new LabelledRows(new FeatureBatch([.. x.Names, name], x.Entities, x.AsOfMicros,
            latest is null ? x.LatestEventMicros : [.. Enumerable.Range(0, x.Rows).Select(latest)], values), rows.Y, rows.Windows);
    }

    public static (LabelledRows Train, LabelledRows Test) Cut(LabelledRows rows)
    {
        var at = Enumerable.Range(0, rows.Rows).ToLookup(r => rows.X.AsOfMicros[r] == AsOfs[^1]);
        return (rows.Take([.. at[false]]), rows.Take([.. at[true]]));
    }
}
