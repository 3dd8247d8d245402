using System.Globalization;
using System.IO.Compression;
using Media.Bandit;
using Sylvan.Data.Csv;

namespace Media.Tests.Bandit;

/// <summary>Two real policies ran side by side on one shop page: each one's log must value the other as the other's own clicks do.</summary>
/// <seealso href="https://arxiv.org/abs/2008.07146">Saito et al. 2021, Open Bandit Dataset and Pipeline (men campaign, small version)</seealso>
public class OpenBanditTests
{
    private const int Items = 34;

    [Fact]
    public void RandomLog_ValuesThompson_AsItsOwnClicksDo()
    {
        var (random, thompson) = (Read("random_men.csv.gz"), Read("bts_men.csv.gz"));
        var shown = thompson.CountBy(r => (r.Item, r.Position)).ToDictionary();
        var perPosition = thompson.CountBy(r => r.Position).ToDictionary();
        Check(random, row => shown.GetValueOrDefault((row.Item, row.Position)) / (double)perPosition[row.Position], thompson);
    }

    [Fact]
    public void ThompsonLog_ValuesRandom_AsItsOwnClicksDo() => Check(Read("bts_men.csv.gz"), _ => 1.0 / Items, Read("random_men.csv.gz"));

    private static void Check(IReadOnlyList<Row> log, Func<Row, double> target, IReadOnlyList<Row> own)
    {
        double[] rewards = [.. log.Select(r => r.Click)], logged = [.. log.Select(r => r.Propensity)], wanted = [.. log.Select(target)];
        var rate = own.Average(r => r.Click);
        var ownError = Math.Sqrt(rate * (1 - rate) / own.Count);
        foreach (var (name, estimate) in new[] { ("IPS", OffPolicy.Ips(rewards, logged, wanted)), ("SNIPS", OffPolicy.Snips(rewards, logged, wanted)) })
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{name} {estimate.Value:0.00000} ± {estimate.StandardError:0.00000} from {estimate.EffectiveSampleSize:0} effective rows, own clicks {rate:0.00000} ± {ownError:0.00000}");
            Assert.InRange(Math.Abs(estimate.Value - rate), 0, 2 * Math.Sqrt(estimate.StandardError * estimate.StandardError + ownError * ownError));
        }
    }

    private static List<Row> Read(string file)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(SharedData.PathOrSkip("data", "open_bandit_men", file)), CompressionMode.Decompress));
        using var csv = CsvDataReader.Create(text);
        var (item, position, click, propensity) = (csv.GetOrdinal("item_id"), csv.GetOrdinal("position"), csv.GetOrdinal("click"), csv.GetOrdinal("propensity_score"));
        var rows = new List<Row>();
        while (csv.Read())
            rows.Add(new Row(csv.GetInt32(item), csv.GetInt32(position), csv.GetInt32(click), double.Parse(csv.GetString(propensity), CultureInfo.InvariantCulture)));
        return rows;
    }

    private readonly record struct Row(int Item, int Position, int Click, double Propensity);
}
