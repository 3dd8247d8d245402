using Media.Lake;
using Media.Serving;
using Media.Tests.Engines;

namespace Media.Tests.Serving;

/// <summary>The server with lake and registry in a bucket of a real S3 server.</summary>
public sealed class S3ServingTests(TrainedWorld world, OneMinio minio) : IClassFixture<TrainedWorld>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BucketInsteadOfFolder_ServesTheSameAndKeepsWhatIsDecided()
    {
        var bucket = await minio.NewBucketAsync();
        // The layout is the folder's, so its objects can be carried over as they are.
        foreach (var part in new[] { "lake", "registry" })
        {
            var (from, to) = (new LocalObjectStore(Path.Combine(world.Folder, part)), new S3ObjectStore(bucket.Name, part, bucket.Options));
            await foreach (var stored in from.ListAsync("", Cancel)) await to.PutAsync(stored.Key, await from.GetAsync(stored.Key, Cancel), Cancel);
        }
        var nowhere = Directory.CreateTempSubdirectory("media-serving-");
        await using (var disk = await RunningServer.StartAsync(world.Folder))
        await using (var server = await RunningServer.StartAsync(nowhere.FullName, On(bucket)))
        {
            var question = new { user_id = world.Latest.Entities[0] };
            var (status, answer) = await server.PostAsync("/predict/churn", question);
            Assert.Equal(200, status);
            Assert.Equal((await disk.PostAsync("/predict/churn", question)).Body.ToString(), answer.ToString());

            var (_, choice) = await server.PostAsync("/bandit/ad-slot/choose", new { user_id = "u" });
            Assert.Equal(200, (await server.PostAsync("/bandit/ad-slot/reward", new { decision_id = choice.GetProperty("decision_id").GetString(), clicked = true, revenue_usd = 0.4 })).Status);
            await server.Refresher.WriteAsync(Cancel);
            Assert.Equal("ok", (await server.GetAsync("/health")).Body.GetProperty("status").GetString());
        }
        using var lake = new S3ObjectStore(bucket.Name, "lake", bucket.Options);
        foreach (var table in new[] { Tables.Decisions, Tables.Rewards }) Assert.Equal(1, (await (await DeltaTable.OpenAsync(lake, table.Name, Cancel)).StateAsync(Cancel)).Rows);
        Assert.Empty(nowhere.GetFileSystemInfos());
        nowhere.Delete();
    }

    [Fact]
    public async Task StoreThatIsDown_LeavesTheServerUpAndSaysWhy()
    {
        await using var server = await RunningServer.StartAsync(world.Folder, "--Registry:Url=s3://media/registry", "--S3:Endpoint=http://127.0.0.1:9", "--S3:AccessKey=access", "--S3:SecretKey=secret-secret", "--S3:Retries=1");
        var (_, health) = await server.GetAsync("/health");
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        var faults = health.GetProperty("faults").EnumerateArray().Select(f => f.GetString()!).ToList();
        Assert.Contains(faults, f => f.StartsWith("models: Cannot list 's3://media/registry/models/churn/promotions/' at http://127.0.0.1:9: it does not answer (Connection refused); see that it runs there.", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.StartsWith("bandit: Cannot list 's3://media/registry/bandit/ad_slot/' at ", StringComparison.Ordinal));
    }

    [Fact]
    public void WrongAddressesAndSettings_AreAllListed()
    {
        var faults = Assert.Throws<InvalidServingOptionsException>(() => ServingApp.Build(["--Lake:Url=s3://media/lake", "--Registry:Url=http://media", "--S3:Endpoint=localhost", "--S3:AccessKey=a", "--Serving:PollEvery=2.00:00:00"], TimeProvider.System)).Faults;
        Assert.Equal(4, faults.Count);
        foreach (var told in new[] { "Registry__Url: 'http://media'", "Endpoint must be", "SecretKey is missing", "PollEvery" }) Assert.Contains(faults, f => f.Contains(told, StringComparison.Ordinal));
    }

    private static string[] On(TestBucket bucket) =>
    [
        $"--Lake:Url=s3://{bucket.Name}/lake", $"--Registry:Url=s3://{bucket.Name}/registry",
        $"--S3:Endpoint={bucket.Options.Endpoint}", $"--S3:AccessKey={bucket.Options.AccessKey}", $"--S3:SecretKey={bucket.Options.SecretKey}",
    ];
}
