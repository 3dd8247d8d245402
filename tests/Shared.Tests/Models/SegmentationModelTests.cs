using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

public class SegmentationModelTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly SegmentationEstimator Estimator = new();

    // Frequent readers who watch videos, readers about to leave, newsletter readers of one topic: the factor each applies to a feature.
    private static readonly (int Readers, Dictionary<string, float> Factors)[] Kinds =
    [
        (300, new() { ["sessions_28d"] = 6, ["avg_video_plays"] = 12 }),
        (200, new() { ["days_since_last_session"] = 15, ["sessions_28d"] = 0.15f }),
        (100, new() { ["newsletter_signup_rate"] = 20, ["content_diversity"] = 0.02f }),
    ];

    private static FeatureBatch Readers(int seed)
    {
        var random = new Random(seed);
        var values = new List<float>();
        foreach (var (readers, factors) in Kinds)
            for (var i = 0; i < readers; i++)
                foreach (var feature in Estimator.Features)
                    values.Add(factors.GetValueOrDefault(feature, 1) * 3 * MathF.Exp(0.3f * (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f)));
        var rows = values.Count / Estimator.Features.Count;
        return new FeatureBatch(Estimator.Features, [.. Enumerable.Range(0, rows).Select(r => $"u{r}")], new long[rows], [.. Enumerable.Repeat(-1L, rows)], [.. values]);
    }

    private static SegmentationModel Fit(FeatureBatch x, SegmentationEstimator? estimator = null) => (SegmentationModel)(estimator ?? Estimator).Fit(x, [], Cancel);

    private static int[] Segments(SegmentationModel model, FeatureBatch x)
    {
        var scores = new double[x.Rows * 2];
        model.Predict(x, scores);
        return [.. Enumerable.Range(0, x.Rows).Select(r => (int)scores[2 * r])];
    }

    [Fact]
    public void ThreeKindsOfReaders_FoundAndNamed()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var x = Readers(seed);
            var model = Fit(x);
            Assert.Equal([300, 200, 100], model.Profiles.Select(p => p.Users));
            Assert.Equal(1, AdjustedRandIndex.Of(Segments(model, x), [.. Kinds.SelectMany((k, i) => Enumerable.Repeat(i, k.Readers))]));
            Assert.InRange(model.Chosen.Silhouette, 0.25, 1);
            Assert.InRange(model.Chosen.Stability, 0.99, 1);
            Assert.Contains("video-watching", model.Profiles[0].Name);
            Assert.Contains("lapsing", model.Profiles[1].Name);
            Assert.Contains("newsletter-taking", model.Profiles[2].Name);
            Assert.Contains("single-topic", model.Profiles[2].Name);
        }
    }

    [Fact]
    public void UnseenReaders_GoToTheSegmentOfTheirKind()
    {
        var model = Fit(Readers(1));
        Assert.Equal(1, AdjustedRandIndex.Of(Segments(model, Readers(99)), [.. Kinds.SelectMany((k, i) => Enumerable.Repeat(i, k.Readers))]));
    }

    [Fact]
    public void Profiles_MeansInTheFeaturesOwnUnit()
    {
        var x = Readers(1);
        var model = Fit(x);
        var sessions = Estimator.Features.ToList().IndexOf("sessions_28d");
        Assert.Equal(Enumerable.Range(0, 300).Average(r => (double)x.Row(r)[sessions]), model.Profiles[0].Means[sessions]!.Value, 3);
    }

    [Fact]
    public void EveryNumberOfSegments_Reported()
    {
        var model = Fit(Readers(1), Estimator with { MaxSegments = 6 });
        Assert.Equal([2, 3, 4, 5, 6], model.Trials.Select(t => t.Segments));
        Assert.Equal(model.Chosen.Silhouette, model.Trials.Single(t => t.Segments == 3).Silhouette);
    }

    [Fact]
    public void ReadersAllAlike_OneSegmentOfAverageReaders()
    {
        var x = Readers(1);
        var same = x.With([.. x.Values.Select(_ => 1f)]);
        Assert.Equal(["average readers"], Fit(same).Profiles.Select(p => p.Name));
    }

    [Fact]
    public void FeatureAbsentEverywhere_MeanIsNull()
    {
        var x = Readers(1);
        var width = x.Names.Count;
        var model = Fit(x.With([.. x.Values.Select((v, i) => i % width == 7 ? float.NaN : v)]));
        Assert.All(model.Profiles, p => Assert.Null(p.Means[7]));
        using var saved = new MemoryStream();
        model.Save(saved);
        saved.Position = 0;
        Assert.Null(((SegmentationModel)Estimator.Load(saved)).Profiles[0].Means[7]);
    }

    [Fact]
    public void MoreRowsThanTheSample_SameSegments()
    {
        var model = Fit(Readers(1), Estimator with { SampleRows = 200 });
        Assert.Equal([300, 200, 100], model.Profiles.Select(p => p.Users));
    }

    [Fact]
    public void TooFewRows_SaysHowMany() => Assert.Equal("Segmentation needs at least 100 rows but x has 99.",
        Assert.Throws<ArgumentException>(() => Fit(Readers(1).Take([.. Enumerable.Range(0, 99)]))).Message);

    [Fact]
    public void Names_SharedTraits_LengthenedUntilDifferent()
    {
        double[] Z(params (string Feature, double Value)[] traits) => [.. SegmentName.Words.Select(w => traits.FirstOrDefault(t => t.Feature == w.Feature).Value)];
        Assert.Equal(
            ["frequent, one-brand, searching readers", "frequent, one-brand, wide-ranging readers", "lapsing readers", "average readers", "average readers, group 5"],
            SegmentName.Of([Z(("sessions_28d", 3), ("brand_loyalty", 2), ("avg_searches", 1)), Z(("sessions_28d", 3), ("brand_loyalty", 2), ("content_diversity", 1)),
                Z(("days_since_last_session", 0.6)), Z(("avg_video_plays", 0.4)), Z(("avg_searches", -0.4))]));
    }
}
