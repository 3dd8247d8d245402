using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Models.NextReads;

namespace Media.Tests.Evaluation;

public class RecommendationInTimeTests
{
    private const int Readers = 60;
    private const int Days = 36;
    private static readonly CandidateRankerOptions Quick = new() { Boosters = 1, Trees = new CandidateRankerOptions().Trees with { Trees = 60 } };
    private static readonly ArticleLog World = ReadingWorld.Draw(Readers, Days, seed: 1);
    private static readonly Lazy<RecommendationInTimeResult> Daily = new(() => Run(World, TimeProtocol.Daily, Day(30), Day(Days)));

    [Fact]
    public void Instances_AreFirstReadingsOfKnownArticlesByKnownReaders()
    {
        var log = ReadingWorld.Draw(0, 0, 1,
            (Day(0), "old", "known"), (Day(0).AddHours(1), "old", "known2"), (Day(0).AddHours(2), "other", "known2"),
            // The next day: again, for the first time, an article that came out since, a reader who came since.
            (Day(1), "old", "known"), (Day(1), "other", "known"), (Day(1).AddHours(1), "other", "new"), (Day(1).AddHours(2), "stranger", "known"),
            // The day after that they are known; the same article once more is nothing new.
            (Day(2), "stranger", "new"), (Day(2).AddHours(1), "other", "known"));

        Assert.Equal([(0, "other", "known"), (1, "stranger", "new")], Pairs(TimeProtocol.Daily));
        Assert.Equal([(0, "other", "known")], Pairs(TimeProtocol.Static));

        List<(int, string, string)> Pairs(TimeProtocol protocol) =>
            [.. RecommendationInTime.Instances(log, protocol, Day(1), Day(3), TestContext.Current.CancellationToken)
                .SelectMany(i => i.Relevant.Select(a => ((EpochMicros.Instant(i.CutMicros) - Day(1)).Days, log.Readers[i.Reader], log.Articles[a].ArticleId)))];
    }

    [Fact]
    public void Daily_FindsPlantedTaste_ThatNoPlainOrderCanSee()
    {
        var (ranked, plain) = (Recall(Daily.Value, r => r.Best), Recall(Daily.Value, r => r.Plain));

        Assert.InRange(plain, 0.3, 0.55);
        Assert.True(ranked > 0.9, $"Recall@10 {ranked}; plain order {plain}.");
    }

    [Fact]
    public void Static_FindsPlantedTaste()
    {
        // Only what came out on the last day before the cut is still read after it, and on one day.
        var result = Run(World, TimeProtocol.Static, Day(30), Day(33));

        var (ranked, plain) = (Recall(result, r => r.Best), Recall(result, r => r.Plain));
        Assert.True(ranked > 0.9 && ranked > plain + 0.2, $"Recall@10 {ranked}; plain order {plain}.");
    }

    [Fact]
    public void Lists_HoldTenKnownArticlesWithoutThoseReadBefore()
    {
        var seen = new Dictionary<int, HashSet<int>>();
        var known = new HashSet<int>();
        var next = 0;
        Assert.NotEmpty(Daily.Value.Ranked);
        foreach (var (instance, best, plain) in Daily.Value.Ranked)
        {
            for (; next < World.Count && World.Events[next].TimeMicros < instance.CutMicros; next++)
            {
                known.Add(World.Events[next].Article);
                if (!seen.TryGetValue(World.Events[next].Reader, out var articles)) seen.Add(World.Events[next].Reader, articles = []);
                articles.Add(World.Events[next].Article);
            }
            foreach (var list in new[] { best, plain })
            {
                Assert.Equal(RecommendationInTime.Places, list.Distinct().Count());
                Assert.All(list, article => Assert.True(known.Contains(article) && !seen[instance.Reader].Contains(article)));
            }
        }
    }

    [Fact]
    public void WhatFollows_ChangesNoList()
    {
        // The rest of the window differs; its first day must not know.
        var until = EpochMicros.Of(Day(31));
        var other = Run(ReadingWorld.Draw(Readers, 31, seed: 1), TimeProtocol.Daily, Day(30), Day(31));

        Assert.Equal(Lists(Daily.Value.Ranked.Where(r => r.Instance.CutMicros < until)), Lists(other.Ranked));
    }

    [Fact]
    public void SameLog_GivesTheSameLists() => Assert.Equal(Lists(Daily.Value.Ranked), Lists(Run(World, TimeProtocol.Daily, Day(30), Day(Days)).Ranked));

    [Fact]
    public void ColdReaderAndColdArticle_AreAnswered()
    {
        var cut = EpochMicros.Of(Day(30));
        var log = ReadingWorld.Draw(Readers, 30, seed: 1, (Day(30).AddMinutes(-1), "editor0", "brand new"), (Day(30).AddMinutes(-1), "newcomer", "brand new"));
        var past = RecommendationInTime.Instances(log, TimeProtocol.Daily, Day(22), Day(30), TestContext.Current.CancellationToken);
        var ranker = CandidateRanker.Fit(log, past, (hits, relevant) => RankingMetrics.Recall(hits, relevant, 10), Quick, TestContext.Current.CancellationToken);
        int[] readers = [-1, log.Readers.ToList().IndexOf("newcomer"), log.Readers.ToList().IndexOf("r0")];

        var lists = ranker.Rank(log, [.. readers.Select(r => new ReadingInstance(cut, r, [0]))], 10, StringComparer.Ordinal, _ => { }, TestContext.Current.CancellationToken).ToList();

        Assert.All(lists, l => Assert.Equal(10, l.Best.Count));
        var newest = log.Articles.ToList().FindIndex(a => a.ArticleId == "brand new");
        Assert.DoesNotContain(newest, lists[1].Best);
        Assert.Contains(newest, ranker.Rank(log, [new ReadingInstance(cut, -1, [0])], log.Articles.Count, StringComparer.Ordinal, _ => { }, TestContext.Current.CancellationToken).Single().Best);
    }

    [Fact]
    public void NothingToLearnFrom_IsAnsweredByThePlainOrder()
    {
        var result = Run(World, TimeProtocol.Daily, Day(1), Day(3));

        Assert.Equal(0, result.RowsLearnt);
        Assert.All(result.Ranked, r => Assert.Equal(r.Plain, r.Best));
    }

    [Fact]
    public void WindowThatCannotBeJudged_IsRefused()
    {
        Assert.Contains("not after its start", Refused(Day(3), Day(3)), StringComparison.Ordinal);
        Assert.Contains("whole days", Refused(Day(3), Day(4).AddHours(1)), StringComparison.Ordinal);
        Assert.Contains("no event before", Refused(Day(0), Day(1)), StringComparison.Ordinal);
        Assert.Contains("No known reader", Refused(Day(Days + 1), Day(Days + 2)), StringComparison.Ordinal);

        static string Refused(DateTimeOffset from, DateTimeOffset to) => Assert.Throws<ArgumentException>(() => Run(World, TimeProtocol.Daily, from, to)).Message;
    }

    /// <summary>Rows and pairs of November 2016 as anyone counts them who reads the protocol.</summary>
    [Theory]
    [InlineData(TimeProtocol.Static, 205, 317, "340f67307aa1c2f8")]
    [InlineData(TimeProtocol.Daily, 849, 1047, "343044db8429a826")]
    public void Deskdrop_HasTheKnownInstances(TimeProtocol protocol, int instances, int pairs, string checksum)
    {
        var log = Deskdrop();
        var found = RecommendationInTime.Instances(log, protocol, new(2016, 11, 1, 0, 0, 0, TimeSpan.Zero), new(2016, 12, 1, 0, 0, 0, TimeSpan.Zero), TestContext.Current.CancellationToken);

        Assert.Equal((instances, pairs), (found.Count, found.Sum(i => i.Relevant.Count)));
        Assert.Equal(checksum, RowChecksum.Of(found.SelectMany(i => i.Relevant.Select(a =>
            (protocol == TimeProtocol.Daily ? EpochMicros.Instant(i.CutMicros).ToString("yyyy-MM-dd,", CultureInfo.InvariantCulture) : "") + $"{log.Readers[i.Reader]},{log.Articles[a].ArticleId}")).Order(StringComparer.Ordinal)));
    }

    /// <summary>What the page of results promises, to the third digit of what careful peers reach.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void Deskdrop_Daily_IsAtLeastAsGoodAsPeers()
    {
        var result = RecommendationInTime.Run(Deskdrop(), TimeProtocol.Daily, new(2016, 11, 1, 0, 0, 0, TimeSpan.Zero), new(2016, 12, 1, 0, 0, 0, TimeSpan.Zero), StringComparer.Ordinal, new CandidateRankerOptions(), _ => { },
            TestContext.Current.CancellationToken);

        Assert.True(Mean(RankingMetrics.Recall) >= 0.723);
        Assert.True(Mean(RankingMetrics.Ndcg) >= 0.530);
        Assert.True(Mean(RankingMetrics.AveragePrecision) >= 0.458);

        double Mean(Metric metric) => result.Ranked.Average(r => metric(RecommendationInTime.Hits(r.Instance, r.Best), r.Instance.Relevant.Count, RecommendationInTime.Places));
    }

    private delegate double Metric(ReadOnlySpan<bool> hits, int relevant, int k);

    private static ArticleLog Deskdrop()
    {
        var path = SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz");
        using var file = File.OpenRead(path);
        return ArticleLog.Of(DeskdropArchive.Read(file, path, Assert.Fail, TestContext.Current.CancellationToken));
    }

    private static DateTimeOffset Day(int day) => ReadingWorld.Start.AddDays(day);

    private static RecommendationInTimeResult Run(ArticleLog log, TimeProtocol protocol, DateTimeOffset from, DateTimeOffset to) =>
        RecommendationInTime.Run(log, protocol, from, to, StringComparer.Ordinal, Quick, _ => { }, TestContext.Current.CancellationToken);

    private static double Recall(RecommendationInTimeResult result, Func<RankedCandidates, IReadOnlyList<int>> listOf) =>
        result.Ranked.Average(r => RankingMetrics.Recall(RecommendationInTime.Hits(r.Instance, listOf(r)), r.Instance.Relevant.Count, RecommendationInTime.Places));

    private static List<string> Lists(IEnumerable<RankedCandidates> ranked) => [.. ranked.Select(r => $"{r.Instance.CutMicros} {r.Instance.Reader}: {string.Join(' ', r.Best)} | {string.Join(' ', r.Plain)}")];
}
