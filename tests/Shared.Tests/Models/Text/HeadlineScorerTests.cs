using Media.Models.Text;

namespace Media.Tests.Models.Text;

public class HeadlineScorerTests
{
    private static readonly string[] Subjects = ["goat", "senate", "river", "teacher", "robot", "island", "violin", "harbour"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void WordThatDraws_IsLearntAcrossSubjects()
    {
        var scores = Score(HeadlineScorer.Fit(Planted(200), new HeadlineScorerOptions { L2 = 10 }, Cancel), "secret of the goat violin", "story of the goat violin");
        Assert.InRange(scores[0] - scores[1], 0.25, 0.45);
    }

    [Fact]
    public void OneColumnProblem_HasTheSolutionByHand()
    {
        // Two tests of "x" against "x x": only the number of words and what follows from it differ, so both tests give one and the same equation and the scores'
        // difference is the precision-weighted mean difference, shrunk. With a vanishing penalty the shrinkage goes too.
        HeadlineVariant[] variants = [new("a", "x", 1000, 10), new("a", "x x", 1000, 20), new("b", "x", 1000, 40), new("b", "x x", 1000, 40)];
        var scores = Score(HeadlineScorer.Fit(variants, new HeadlineScorerOptions { L2 = 0.001, OwnVariance = 0.1, FeatureScale = 1 }, Cancel), "x x", "x");
        double Weight(double first, double second) => 1 / (1 / (first + 0.5) + 0.1 + (1 / (second + 0.5)) + 0.1);
        var expected = Weight(10, 20) * Math.Log(20.5 / 10.5) / (Weight(10, 20) + Weight(40, 40));
        Assert.Equal(expected, scores[0] - scores[1], 3);
    }

    [Fact]
    public void OrderOfVariants_DoesNotMatter()
    {
        var variants = Planted(50);
        Assert.Equal(Bytes(HeadlineScorer.Fit(variants, new HeadlineScorerOptions(), Cancel)), Bytes(HeadlineScorer.Fit([.. Enumerable.Reverse(variants)], new HeadlineScorerOptions(), Cancel)));
    }

    [Fact]
    public void SavedAndLoaded_ScoresTheSame()
    {
        var scorer = HeadlineScorer.Fit(Planted(50), new HeadlineScorerOptions(), Cancel);
        var loaded = HeadlineScorer.Load(new MemoryStream(Bytes(scorer)));
        string[] headlines = ["secret of the goat", "Never seen words", ""];
        Assert.Equal(scorer.Score(headlines, Cancel), loaded.Score(headlines, Cancel));
        Assert.Equal(Bytes(scorer), Bytes(loaded));
    }

    [Fact]
    public void FlippedByte_IsFoundAtLoading()
    {
        var bytes = Bytes(HeadlineScorer.Fit(Planted(20), new HeadlineScorerOptions(), Cancel));
        bytes[^20] ^= 1;
        Assert.Throws<InvalidDataException>(() => HeadlineScorer.Load(new MemoryStream(bytes)));
    }

    [Fact]
    public void EmptyAndUnseenHeadlines_HaveFiniteScores() =>
        Assert.All(HeadlineScorer.Fit(Planted(50), new HeadlineScorerOptions(), Cancel).Score(["", "zzz qqq", "日本", new string('a', 10_000)], Cancel), s => Assert.True(double.IsFinite(s)));

    [Fact]
    public void EqualClickRates_GiveEqualScores() =>
        Assert.All(HeadlineScorer.Fit([new("a", "one", 100, 5), new("a", "two words", 100, 5)], new HeadlineScorerOptions(), Cancel).Score(["one", "two words"], Cancel), s => Assert.Equal(0, s));

    [Fact]
    public void NothingToCompare_GivesZero() =>
        Assert.Equal([0, 0], HeadlineScorer.Fit([new("a", "one", 100, 5), new("b", "two", 100, 50), new("b", "never shown", 0, 0)], new HeadlineScorerOptions(), Cancel).Score(["one", "two"], Cancel));

    [Fact]
    public void ClicksBeyondImpressions_AreRefused() =>
        Assert.Equal("'x' has 2 clicks of 1 impressions. (Parameter 'variants')", Assert.Throws<ArgumentException>(() => HeadlineScorer.Fit([new("a", "x", 1, 2)], new HeadlineScorerOptions(), Cancel)).Message);

    [Fact]
    public void OptionOutOfRange_IsRefused() => Assert.Throws<ArgumentException>(() => HeadlineScorer.Fit(Planted(2), new HeadlineScorerOptions { L2 = 0 }, Cancel));

    /// <summary>Tests of "secret of the …" (3 %) against "story of the …" (2 %) over subjects with levels of their own: a difference of 0.405 in logarithms.</summary>
    private static List<HeadlineVariant> Planted(int tests)
    {
        var variants = new List<HeadlineVariant>();
        for (var test = 0; test < tests; test++)
        {
            var (subject, level) = ($"{Subjects[test % 8]} {Subjects[test / 8 % 8]}", 1 + test % 3);
            variants.Add(new HeadlineVariant($"t{test}", $"secret of the {subject}", 10_000, 300 * level));
            variants.Add(new HeadlineVariant($"t{test}", $"story of the {subject}", 10_000, 200 * level));
        }
        return variants;
    }

    private static double[] Score(HeadlineScorer scorer, params string[] headlines) => scorer.Score(headlines, Cancel);

    private static byte[] Bytes(HeadlineScorer scorer)
    {
        using var bytes = new MemoryStream();
        scorer.Save(bytes);
        return bytes.ToArray();
    }
}
