using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

/// <summary>Feature rows with a known truth: the log-odds of a 1 fall with the sessions of 28 days and rise with the days since the last, bending; the other 57 columns are noise, absences and one-hots.</summary>
internal sealed record PlantedRows(FeatureBatch X, float[] Y, double[] Truth)
{
    /// <summary>Users × instants rows; each user's rows are alike, as real ones are.</summary>
    /// <param name="kind">An amount is the log-odds with normal noise of deviation 1, or 0 where that is negative; its truth is the expected value of this.</param>
    /// <param name="names">Columns; those of readers when null. Where the two that bear the signal there are not among them, the first two do.</param>
    internal static PlantedRows Draw(int users, int instants, int seed, double signal = 1, LabelKind kind = LabelKind.YesNo, IReadOnlyList<string>? names = null)
    {
        var random = new Random(seed);
        names ??= FeatureCatalog.Names;
        var (sessions, days) = names.Contains("sessions_28d") ? (Index("sessions_28d"), Index("days_since_last_session")) : (0, 1);
        var rows = users * instants;
        var (values, labels, truth) = (new float[rows * names.Count], new float[rows], new double[rows]);
        var (ids, asOf, latest) = (new string[rows], new long[rows], new long[rows]);
        for (var user = 0; user < users; user++)
        {
            var rate = Math.Exp(Normal(random));
            for (var instant = 0; instant < instants; instant++)
            {
                var row = instant * users + user;
                var x = values.AsSpan(row * names.Count, names.Count);
                for (var c = 0; c < x.Length; c++)
                    x[c] = names[c].StartsWith("subscription_", StringComparison.Ordinal) || names[c].StartsWith("country_", StringComparison.Ordinal) ? random.Next(2)
                        : c % 9 == 4 && random.Next(5) == 0 ? float.NaN
                        : (float)Math.Exp(Normal(random));
                var gone = -28 * Math.Log(1 - random.NextDouble() * (1 - Math.Exp(-1)));
                x[sessions] = MathF.Round((float)(6 * rate * random.NextDouble())) + 1;
                x[days] = (float)(gone / (0.5 + rate));
                truth[row] = signal * (0.9 - 1.1 * Math.Log(x[sessions]) + 1.2 * Math.Tanh(Math.Log(1 + x[days]) - 1.5));
                if (kind == LabelKind.Amount)
                {
                    labels[row] = (float)Math.Max(0, truth[row] + Normal(random));
                    truth[row] = PositivePart(truth[row]);
                }
                else labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-truth[row])) ? 1 : 0;
                (ids[row], asOf[row], latest[row]) = ($"user-{seed}-{user}", 1_000_000L * (instant + 1), 999_999L * (instant + 1));
            }
        }
        return new PlantedRows(new FeatureBatch(names, ids, asOf, latest, values), labels, truth);

        int Index(string name) => Enumerable.Range(0, names.Count).Single(c => names[c] == name);
    }

    /// <summary>Area under the ROC curve by ranks, ties halved.</summary>
    internal static double Auc(double[] scores, float[] labels)
    {
        var order = Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).ToArray();
        var (rankSum, positives) = (0.0, labels.Count(l => l == 1));
        for (int i = 0, end; i < order.Length; i = end)
        {
            for (end = i; end < order.Length && scores[order[end]] == scores[order[i]];) end++;
            for (var j = i; j < end; j++) if (labels[order[j]] == 1) rankSum += (i + end + 1) / 2.0;
        }
        return (rankSum - positives * (positives + 1) / 2.0) / ((double)positives * (labels.Length - positives));
    }

    /// <summary>E max(0, m + z) for a standard normal z, by Simpson's rule.</summary>
    private static double PositivePart(double m)
    {
        const int steps = 80;
        var (from, to, sum) = (-m, Math.Max(-m, 0) + 8, 0.0);
        for (var i = 0; i <= steps; i++)
        {
            var z = from + (to - from) * i / steps;
            sum += (i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Max(0, m + z) * Math.Exp(-z * z / 2);
        }
        return sum * (to - from) / steps / 3 / Math.Sqrt(2 * Math.PI);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
