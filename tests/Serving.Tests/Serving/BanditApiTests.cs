using System.Text.Json;
using Media.Bandit;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Registry;

namespace Media.Tests.Serving;

public sealed class BanditApiTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-bandit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Choose_GivesASlotWithItsPropensity()
    {
        await SaveSnapshotAsync(40);
        await using var server = await RunningServer.StartAsync(_folder);
        var propensities = TrainedWorld.Snapshot().ToPolicy().Propensities;
        for (var i = 0; i < 50; i++)
        {
            var (status, choice) = await server.PostAsync("/bandit/ad-slot/choose", new { user_id = "u" });
            Assert.Equal(200, status);
            Assert.True(Vocabulary<AdSlot>.TryParse(choice.GetProperty("slot").GetString()!, out var slot));
            Assert.Equal(propensities[(int)slot], choice.GetProperty("propensity").GetDouble());
            Assert.Equal("1.40", choice.GetProperty("policy_version").GetString());
            Assert.Equal(TrainedWorld.AsOf, choice.GetProperty("as_of").GetDateTimeOffset());
        }
    }

    [Fact]
    public async Task WithoutASnapshot_EverySlotAlike()
    {
        await using var server = await RunningServer.StartAsync(_folder);
        var (_, choice) = await server.PostAsync("/bandit/ad-slot/choose", new { user_id = "u" });
        Assert.Equal(0.2, choice.GetProperty("propensity").GetDouble(), 1e-12);
        Assert.Equal("0.0", choice.GetProperty("policy_version").GetString());
        Assert.False(choice.TryGetProperty("as_of", out _));
    }

    [Fact]
    public async Task ContextualSnapshot_IsServedBySegment_OfTheRequest_ElseOfTheLatestFeatures_ElseUnknown()
    {
        await Registry().SaveAsync(TrainedWorld.SnapshotBySegment(), TestContext.Current.CancellationToken);
        await TrainedWorld.SaveFeaturesAsync(_folder, Reader("known", "power_user"));
        var policy = TrainedWorld.SnapshotBySegment().ToPolicy();
        Assert.True(policy.Propensities("casual")[2] > 0.9 && policy.Propensities("power_user")[0] > 0.9);
        await using (var server = await RunningServer.StartAsync(_folder))
        {
            foreach (var (request, segment) in new (object, string)[]
            {
                (new { user_id = "known" }, "power_user"), (new { user_id = "known", user_segment = "casual" }, "casual"), (new { user_id = "stranger", user_segment = "casual" }, "casual"),
                (new { user_id = "stranger" }, "unknown"),
            })
                for (var i = 0; i < 20; i++)
                {
                    var (status, choice) = await server.PostAsync("/bandit/ad-slot/choose", request);
                    Assert.Equal(200, status);
                    Assert.Equal((segment, "contextual_thompson", $"1.{policy.PolicyVersion(segment)}"),
                        (choice.GetProperty("user_segment").GetString(), choice.GetProperty("policy").GetString(), choice.GetProperty("policy_version").GetString()));
                    Assert.True(Vocabulary<AdSlot>.TryParse(choice.GetProperty("slot").GetString()!, out var slot));
                    Assert.Equal(policy.Propensities(segment)[(int)slot], choice.GetProperty("propensity").GetDouble());
                }
            Assert.Equal("contextual_thompson", (await server.GetAsync("/health")).Body.GetProperty("bandit_policy").GetString());
        }
        Assert.Equal(["casual", "power_user", "unknown"], (await DecisionsAsync()).Select(d => d.Context).Distinct().Order());
    }

    [Fact]
    public async Task ContextualPolicy_LearnsInTheDecisionsSegment_AndGoesOnAfterARestart()
    {
        await Registry().SaveAsync(TrainedWorld.SnapshotBySegment(), TestContext.Current.CancellationToken);
        var expected = TrainedWorld.SnapshotBySegment().ToPolicy();
        string[] segments = ["casual", "power_user", AdLog.UnknownSegment];
        await using (var server = await RunningServer.StartAsync(_folder))
            for (var i = 0; i < 90; i++)
            {
                var decision = server.Bandit.Choose("u", segments[i % 3])!.Decision;
                Assert.Equal(RewardOutcome.Accepted, server.Bandit.Reward(decision.DecisionId, true, 3));
                Assert.Equal(RewardOutcome.Duplicate, server.Bandit.Reward(decision.DecisionId, true, 3));
                Assert.True(Vocabulary<AdSlot>.TryParse(decision.Arm, out var slot));
                expected.Update(segments[i % 3], (int)slot, true, 3);
            }
        await using var again = await RunningServer.StartAsync(_folder);
        foreach (var segment in segments)
            for (var i = 0; i < 40; i++)
            {
                var decision = again.Bandit.Choose("u", segment)!.Decision;
                Assert.True(Vocabulary<AdSlot>.TryParse(decision.Arm, out var slot));
                Assert.Equal(($"1.{expected.PolicyVersion(segment)}", expected.Propensities(segment)[(int)slot]), (decision.PolicyVersion, decision.Propensity));
            }
    }

    [Fact]
    public async Task PlainSnapshotAfterAContextualOne_TakesOver_AndKeepsTheRewards()
    {
        await Registry().SaveAsync(TrainedWorld.SnapshotBySegment(), TestContext.Current.CancellationToken);
        await using var server = await RunningServer.StartAsync(_folder);
        var decision = server.Bandit.Choose("u", "casual")!.Decision;
        server.Bandit.Reward(decision.DecisionId, true, 2);
        var plain = TrainedWorld.Snapshot() with { UpdatesPerVersion = 1 };
        await Registry().SaveAsync(plain, TestContext.Current.CancellationToken);
        await server.Refresher.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("thompson_sampling", "2.41"), (server.Bandit.State.Policy, server.Bandit.State.PolicyVersion));
    }

    [Fact]
    public async Task Reward_IsAcceptedOnce_ThenDuplicate()
    {
        await using var server = await RunningServer.StartAsync(_folder);
        var decision = await ChooseAsync(server);
        var (status, body) = await RewardAsync(server, decision, true, 0.4);
        Assert.Equal((200, "accepted"), (status, body.GetProperty("outcome").GetString()));
        (status, body) = await RewardAsync(server, decision, true, 0.4);
        Assert.Equal((200, "duplicate"), (status, body.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task RewardAfterTheWindow_Is410_AndCountsAsZero()
    {
        await using var server = await RunningServer.StartAsync(_folder);
        var decision = await ChooseAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(410, (await RewardAsync(server, decision, true, 1)).Status);
        await server.Refresher.WriteAsync(TestContext.Current.CancellationToken);
        var reward = Assert.Single(await RewardsAsync());
        Assert.Equal((decision, false, 0.0), (reward.Decision.DecisionId, reward.Clicked, reward.RevenueUsd));
    }

    [Fact]
    public async Task NoRewardWithinTheWindow_IsWrittenAsZero()
    {
        await using var server = await RunningServer.StartAsync(_folder);
        var decision = await ChooseAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        await server.Refresher.WriteAsync(TestContext.Current.CancellationToken);
        Assert.Equal(decision, Assert.Single(await RewardsAsync()).Decision.DecisionId);
    }

    [Theory]
    [InlineData("""{"decision_id": "none", "clicked": true, "revenue_usd": 1}""", 404)]
    [InlineData("""{"decision_id": "none", "clicked": true, "revenue_usd": -1}""", 400)]
    [InlineData("""{"decision_id": "none", "clicked": true, "revenue_usd": 1e999}""", 400)]
    [InlineData("""{"decision_id": "none", "clicked": false, "revenue_usd": 1}""", 400)]
    [InlineData("""{"decision_id": "none", "clicked": "yes", "revenue_usd": 1}""", 400)]
    [InlineData("""{"decision_id": "none"}""", 400)]
    [InlineData("""{"decision_id": null, "clicked": true}""", 400)]
    [InlineData("""{"clicked": true}""", 400)]
    public async Task FaultyReward_IsRefused(string body, int expected)
    {
        await using var server = await RunningServer.StartAsync(_folder);
        Assert.Equal(expected, (await server.PostTextAsync("/bandit/ad-slot/reward", body)).Status);
    }

    [Theory]
    [InlineData("""{"user_id": ""}""")]
    [InlineData("""{"user_id": null}""")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("""{"user_id": "u", "user_segment": "vip"}""")]
    [InlineData("""{"user_id": "u", "user_segment": 3}""")]
    public async Task FaultyChoose_Is400(string body)
    {
        await using var server = await RunningServer.StartAsync(_folder);
        Assert.Equal(400, (await server.PostTextAsync("/bandit/ad-slot/choose", body)).Status);
    }

    [Fact]
    public async Task AfterARestart_DecisionsRewardsAndThePosteriorAreThere()
    {
        await SaveSnapshotAsync(40);
        string rewarded, waiting, version;
        double[] before;
        await using (var server = await RunningServer.StartAsync(_folder))
        {
            for (var i = 0; i < 60; i++) await RewardAsync(server, await ChooseAsync(server), i % 3 == 0, i % 3 == 0 ? 0.5 : 0);
            rewarded = await ChooseAsync(server);
            await RewardAsync(server, rewarded, true, 2);
            waiting = await ChooseAsync(server);
            (version, before) = await PropensitiesAsync(server);
            Assert.Equal("1.46", version);
        }
        await using (var server = await RunningServer.StartAsync(_folder))
        {
            var (status, body) = await RewardAsync(server, rewarded, true, 2);
            Assert.Equal((200, "duplicate"), (status, body.GetProperty("outcome").GetString()));
            var after = await PropensitiesAsync(server);
            Assert.Equal(version, after.Version);
            Assert.Equal(before, after.Propensities);
            (status, body) = await RewardAsync(server, waiting, true, 1);
            Assert.Equal((200, "accepted"), (status, body.GetProperty("outcome").GetString()));
        }
        var ids = (await RewardsAsync()).Select(r => r.Decision.DecisionId).ToList();
        Assert.Equal(62, ids.Count);
        Assert.Equal(62, ids.Distinct().Count());
    }

    [Fact]
    public async Task NewSnapshot_IsTakenUp_WithTheRewardsItHasNotSeen()
    {
        await SaveSnapshotAsync(40);
        await using var server = await RunningServer.StartAsync(_folder);
        await RewardAsync(server, await ChooseAsync(server), true, 0.5);
        var seenUpTo = server.Clock.GetUtcNow().AddSeconds(1);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        var later = await ChooseAsync(server);
        await RewardAsync(server, later, true, 3);
        await server.Refresher.WriteAsync(TestContext.Current.CancellationToken);

        var learned = TrainedWorld.Snapshot(90) with { RewardsUpTo = seenUpTo, UpdatesPerVersion = 1 };
        await Registry().SaveAsync(learned, TestContext.Current.CancellationToken);
        await server.Refresher.RefreshAsync(TestContext.Current.CancellationToken);

        var expected = learned.ToPolicy();
        var unseen = (await RewardsAsync()).Single(r => r.Decision.DecisionId == later);
        Assert.True(Vocabulary<AdSlot>.TryParse(unseen.Decision.Arm, out var slot));
        expected.Update((int)slot, true, 3);
        var (version, propensities) = await PropensitiesAsync(server);
        Assert.Equal("2.91", version);
        Assert.All(propensities.Index().Where(p => p.Item > 0), p => Assert.Equal(expected.Propensities[p.Index], p.Item));
    }

    [Fact]
    public async Task ThousandAtOnce_EachRewardCountsOnce()
    {
        await using (var server = await RunningServer.StartAsync(_folder))
        {
            var accepted = 0;
            await Parallel.ForEachAsync(Enumerable.Range(0, 500), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
            {
                var decision = await ChooseAsync(server);
                var outcomes = await Task.WhenAll(RewardAsync(server, decision, true, 0.1), RewardAsync(server, decision, true, 0.1));
                Interlocked.Add(ref accepted, outcomes.Count(o => o.Body.GetProperty("outcome").GetString() == "accepted"));
            });
            Assert.Equal(500, accepted);
        }
        var rewards = await RewardsAsync();
        Assert.Equal(500, rewards.Count);
        Assert.Equal(500, rewards.Select(r => r.Decision.DecisionId).Distinct().Count());
    }

    [Fact]
    public async Task LakeThatCannotBeWritten_Is503BeyondTheLimit_AndNothingIsLost()
    {
        await using (var server = await RunningServer.StartAsync(_folder, "--Serving:MaxUnwrittenRows=3"))
        {
            // A file where the table's folder should be stops every write.
            var block = Path.Combine(_folder, "lake", "decisions");
            await File.WriteAllTextAsync(block, "", TestContext.Current.CancellationToken);
            for (var i = 0; i < 3; i++) await ChooseAsync(server);
            await server.Refresher.WriteAsync(TestContext.Current.CancellationToken);
            Assert.Equal(503, (await server.PostAsync("/bandit/ad-slot/choose", new { user_id = "u" })).Status);
            var (_, health) = await server.GetAsync("/health");
            Assert.Contains(health.GetProperty("faults").EnumerateArray(), f => f.GetString()!.StartsWith("decision log", StringComparison.Ordinal));
            File.Delete(block);
        }
        var table = await DeltaTable.OpenAsync(Lake(), Tables.Decisions.Name, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await table.StateAsync(TestContext.Current.CancellationToken)).Rows);
    }

    private LocalObjectStore Lake() => new(Path.Combine(_folder, "lake"));

    private BanditRegistry Registry() => new(new LocalObjectStore(Path.Combine(_folder, "registry")));

    private Task<int> SaveSnapshotAsync(long policyVersion) => Registry().SaveAsync(TrainedWorld.Snapshot(policyVersion), TestContext.Current.CancellationToken);

    private async Task<List<LoggedReward>> RewardsAsync()
    {
        var rewards = new List<LoggedReward>();
        var table = await DeltaTable.OpenAsync(Lake(), Tables.Rewards.Name, TestContext.Current.CancellationToken);
        await foreach (var batch in table.ReadAsync(TestContext.Current.CancellationToken)) rewards.AddRange(DecisionColumns.ReadRewards(batch));
        return rewards;
    }

    private async Task<List<LoggedDecision>> DecisionsAsync()
    {
        var decisions = new List<LoggedDecision>();
        var table = await DeltaTable.OpenAsync(Lake(), Tables.Decisions.Name, TestContext.Current.CancellationToken);
        await foreach (var batch in table.ReadAsync(TestContext.Current.CancellationToken)) decisions.AddRange(DecisionColumns.Read(batch));
        return decisions;
    }

    private static FeatureBatch Reader(string user, string segment) =>
        new(FeatureCatalog.Names, [user], [EpochMicros.Of(TrainedWorld.AsOf)], [EpochMicros.Of(TrainedWorld.AsOf) - 1], [.. FeatureCatalog.Names.Select(name => name == $"segment_{segment}" ? 1f : 0)]);

    private static async Task<string> ChooseAsync(RunningServer server)
    {
        var (status, body) = await server.PostAsync("/bandit/ad-slot/choose", new { user_id = "u" });
        Assert.Equal(200, status);
        return body.GetProperty("decision_id").GetString()!;
    }

    private static Task<(int Status, JsonElement Body)> RewardAsync(RunningServer server, string decision, bool clicked, double revenue) =>
        server.PostAsync("/bandit/ad-slot/reward", new { decision_id = decision, clicked, revenue_usd = revenue });

    /// <summary>The propensity of every slot seen in forty choices, 0 where none was.</summary>
    private static async Task<(string Version, double[] Propensities)> PropensitiesAsync(RunningServer server)
    {
        var propensities = new double[5];
        var version = "";
        for (var i = 0; i < 40; i++)
        {
            var (_, choice) = await server.PostAsync("/bandit/ad-slot/choose", new { user_id = "u" });
            Assert.True(Vocabulary<AdSlot>.TryParse(choice.GetProperty("slot").GetString()!, out var slot));
            propensities[(int)slot] = choice.GetProperty("propensity").GetDouble();
            version = choice.GetProperty("policy_version").GetString()!;
        }
        return (version, propensities);
    }
}
