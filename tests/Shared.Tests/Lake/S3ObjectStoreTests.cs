using Amazon;
using Amazon.S3.Model;
using Media.Lake;
using Media.Tests.Engines;

namespace Media.Tests.Lake;

/// <summary>The suite on a real MinIO server, and what only a store behind a network can do wrong.</summary>
public sealed class S3ObjectStoreTests(OneMinio minio) : ObjectStoreTests, IAsyncLifetime
{
    private TestBucket _bucket = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected override IObjectStore Store => field ??= new S3ObjectStore(_bucket.Name, "some/where", _bucket.Options);

    public async ValueTask InitializeAsync() => _bucket = await minio.NewBucketAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task LongListing_HoldsEveryKeyOnceInOrder()
    {
        // S3 gives a thousand keys at once.
        var keys = Enumerable.Range(0, 1_234).Select(i => $"log/{i:D20}.json").ToList();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (key, cancel) => await Store.PutAsync(key, new byte[] { 1 }, cancel));
        var listed = new List<string>();
        await foreach (var found in Store.ListAsync("log/", Cancel)) listed.Add(found.Key);
        Assert.Equal(keys, listed);
    }

    [Fact]
    public async Task List_PassesOverWhatIsNoKey()
    {
        await Store.PutAsync("events/a", new byte[] { 1 }, Cancel);
        Assert.True(await Store.TryPutAsync("events/b", new byte[] { 1 }, Cancel));
        using var client = _bucket.Client();
        await client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket.Name, Key = "some/where/events/", ContentBody = "" }, Cancel);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket.Name, Key = "some/whereelse", ContentBody = "x" }, Cancel);
        var listed = new List<string>();
        await foreach (var found in Store.ListAsync("", Cancel)) listed.Add(found.Key);
        Assert.Equal(["events/a", "events/b"], listed);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.GetAsync(".put-if-absent", Cancel));
    }

    [Fact]
    public async Task ObjectOfManyParts_IsTheSameAgain()
    {
        var bytes = new byte[(21 << 20) + 5];
        new Random(5).NextBytes(bytes);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { PartMiB = 5 });
        await store.PutAsync("big", bytes, Cancel);
        Assert.True((await store.GetAsync("big", Cancel))!.AsSpan().SequenceEqual(bytes));
        Assert.Equal(bytes[^7..], await store.GetRangeAsync("big", bytes.Length - 7, 100, Cancel));
        using var client = _bucket.Client();
        Assert.Contains('-', (await client.GetObjectMetadataAsync(_bucket.Name, "big", Cancel)).ETag);
    }

    [Fact]
    public async Task PutsGoneHalfway_LeaveNothing()
    {
        await using var proxy = LossyProxy.Before(_bucket, request => request.Contains("partNumber=3", StringComparison.Ordinal), losses: 100);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { Endpoint = proxy.Endpoint, PartMiB = 5, Retries = 1 });
        await Assert.ThrowsAsync<IOException>(() => store.PutAsync("big", new byte[21 << 20], Cancel));
        Assert.Null(await store.GetAsync("big", Cancel));
        using var client = _bucket.Client();
        Assert.Empty((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket.Name, Prefix = "big" }, Cancel)).MultipartUploads ?? []);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task AnswerLostAfterThePut_IsStillWon(int losses)
    {
        await using var proxy = LossyProxy.After(_bucket, request => request.StartsWith("PUT ", StringComparison.Ordinal) && request.Contains("/log/1", StringComparison.Ordinal), losses);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { Endpoint = proxy.Endpoint });
        Assert.True(await store.TryPutAsync("log/1", new byte[] { 1 }, Cancel));
        Assert.Equal(losses, proxy.Losses);
        Assert.Equal([1], await store.GetAsync("log/1", Cancel));
    }

    [Fact]
    public async Task AnswerLostOnATakenKey_IsStillRefused_EvenWithEqualBytes()
    {
        await using var proxy = LossyProxy.After(_bucket, request => request.StartsWith("PUT ", StringComparison.Ordinal) && request.Contains("/log/1", StringComparison.Ordinal), losses: 1);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { Endpoint = proxy.Endpoint });
        using var other = new S3ObjectStore(_bucket.Name, "", _bucket.Options);
        Assert.True(await other.TryPutAsync("log/1", new byte[] { 1 }, Cancel));
        Assert.False(await store.TryPutAsync("log/1", new byte[] { 1 }, Cancel));
        Assert.Equal(1, proxy.Losses);
    }

    [Fact]
    public async Task RacersWhoseAnswersAreLost_HaveExactlyOneWinnerPerKey()
    {
        var random = new Random(3);
        await using var proxy = LossyProxy.After(_bucket, request => request.StartsWith("PUT ", StringComparison.Ordinal) && request.Contains("/race/", StringComparison.Ordinal) && Chance(), losses: int.MaxValue);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { Endpoint = proxy.Endpoint, Retries = 20 });
        for (var key = 0; key < 10; key++)
        {
            var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => store.TryPutAsync($"race/{key}", new[] { (byte)writer }, Cancel)));
            Assert.Equal(1, won.Count(w => w));
            Assert.Equal([(byte)Array.IndexOf(won, true)], (await store.GetAsync($"race/{key}", Cancel))!);
        }
        Assert.InRange(proxy.Losses, 5, int.MaxValue);

        bool Chance() { lock (random) return random.Next(3) == 0; }
    }

    [Fact]
    public async Task AnswersLostInEveryPlace_CommitOnce()
    {
        var random = new Random(7);
        await using var proxy = LossyProxy.After(_bucket, _ => Chance(), losses: int.MaxValue);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { Endpoint = proxy.Endpoint, Retries = 20 });
        var table = await DeltaTable.CreateOrOpenAsync(store, "predictions", Tables.Predictions, Cancel);
        for (var i = 0; i < 30; i++)
            Assert.Equal(i + 1, (await table.AppendAsync([PredictionColumns.From([new Prediction("race", "1", new Media.Events.UserId($"u{i}"), i, 0, i, 0)])], (DeltaTransaction?)null, Cancel)).Version);
        Assert.Equal(30, (await table.StateAsync(Cancel)).Rows);
        Assert.InRange(proxy.Losses, 5, int.MaxValue);

        bool Chance() { lock (random) return random.Next(6) == 0; }
    }

    [Fact]
    public async Task StoreThatIgnoresTheCondition_IsRefusedBeforeTheFirstCommit()
    {
        await using var server = new OneAnswerServer("HTTP/1.1 200 OK\r\nETag: \"0\"\r\nContent-Length: 0\r\n\r\n");
        using var store = new S3ObjectStore("bucket", "", new S3Options { Endpoint = server.Endpoint, AccessKey = "access", SecretKey = "secret" });
        var fault = await Assert.ThrowsAsync<IOException>(() => store.TryPutAsync("log/0", new byte[] { 1 }, Cancel));
        Assert.Equal($"The S3 store at {server.Endpoint} ignores 'If-None-Match', so that writers would overwrite each other's commits; use one with conditional writes.", fault.Message);
    }

    [Fact]
    public async Task WrongKeysBucketOrPlace_AreToldInOneSentence()
    {
        var (name, right) = (_bucket.Name, _bucket.Options with { Retries = 1 });
        await RefusedAsync("none-here", right, $"Cannot read 's3://none-here/a' at {right.Endpoint}: there is no bucket 'none-here'; make it first, or name another.");
        await RefusedAsync(name, right with { AccessKey = "nobody" }, $"Cannot read 's3://{name}/a' at {right.Endpoint}: the store does not know the access key.");
        await RefusedAsync(name, right with { SecretKey = "wrong-secret" }, $"Cannot read 's3://{name}/a' at {right.Endpoint}: the secret key does not belong to the access key.");

        await using var page = new OneAnswerServer("HTTP/1.1 503 Nope\r\nContent-Type: text/html\r\nContent-Length: 26\r\n\r\n<html><body>Hm</body></html>"[..^2]);
        await RefusedAsync(name, right with { Endpoint = page.Endpoint }, $"Cannot read 's3://{name}/a' at {page.Endpoint}: ");
        var closed = page.Endpoint;
        await page.DisposeAsync();
        await RefusedAsync(name, right with { Endpoint = closed }, $"Cannot read 's3://{name}/a' at {closed}: it does not answer (Connection refused); see that it runs there.");
        await using var silent = new OneAnswerServer("");
        await RefusedAsync(name, right with { Endpoint = silent.Endpoint, AttemptTimeout = TimeSpan.FromMilliseconds(200) }, $"Cannot read 's3://{name}/a' at {silent.Endpoint}: it did not answer within 0.2 s; see that it runs there.");

        static async Task RefusedAsync(string bucket, S3Options options, string sentence)
        {
            using var store = new S3ObjectStore(bucket, "", options);
            foreach (var call in new Func<Task>[] { () => store.GetAsync("a", Cancel), () => store.FindAsync("a", Cancel), () => store.TryPutAsync("a", new byte[] { 1 }, Cancel), () => store.DeleteAsync("a", Cancel) })
                Assert.DoesNotContain('\n', (await Assert.ThrowsAsync<IOException>(call)).Message);
            Assert.StartsWith(sentence, (await Assert.ThrowsAsync<IOException>(() => store.GetAsync("a", Cancel))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task StoreDownForAMoment_IsWaitedFor()
    {
        await using var own = await RealMinio.StartOrSkipAsync(Cancel);
        var bucket = await TestBucket.MakeAsync(new S3Options { Endpoint = own.Endpoint, AccessKey = own.AccessKey, SecretKey = own.SecretKey, Retries = 20 });
        using var store = new S3ObjectStore(bucket.Name, "", bucket.Options);
        await store.PutAsync("k", new byte[] { 1 }, Cancel);
        await own.KillAsync(Cancel);
        var reading = store.GetAsync("k", Cancel);
        await own.StartAsync(Cancel);
        Assert.Equal([1], await reading);
    }

    [Fact]
    public void FaultyOptions_AreAllListed_WithoutTheSecret()
    {
        var fault = Assert.Throws<ArgumentException>(() => new S3ObjectStore("bucket", "", new S3Options { Endpoint = "127.0.0.1:9000", SecretKey = "hush-hush", Retries = 0, PartMiB = 1 }));
        foreach (var told in new[] { "Endpoint must be an http or https address", "AccessKey is missing", "Retries must be between 1 and 20. It is 0.", "PartMiB must be between" }) Assert.Contains(told, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", fault.Message + new S3Options { SecretKey = "hush-hush" }, StringComparison.Ordinal);
    }
}

/// <summary>The clock is one for the whole process, so this runs beside no other test.</summary>
[Collection(nameof(Alone))]
public sealed class S3ClockTests(OneMinio minio)
{
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    [Fact]
    public async Task ClockThatIsOff_IsTold()
    {
        var bucket = await minio.NewBucketAsync();
        using var store = new S3ObjectStore(bucket.Name, "", bucket.Options);
        try
        {
            AWSConfigs.ManualClockCorrection = TimeSpan.FromHours(1);
            var fault = await Assert.ThrowsAsync<IOException>(() => store.GetAsync("a", TestContext.Current.CancellationToken));
            Assert.EndsWith("this machine's clock is more than 15 minutes off the store's; set it right.", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            AWSConfigs.ManualClockCorrection = null;
        }
        Assert.Null(await store.GetAsync("a", TestContext.Current.CancellationToken));
    }
}
