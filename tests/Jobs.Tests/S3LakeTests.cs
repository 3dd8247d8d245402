using System.Text.Json;
using Media.Lake;
using Media.Registry;
using Media.Tests.Engines;
using Media.Tests.Lake;

namespace Media.Tests.Jobs;

/// <summary>The jobs with lake and registry in a bucket of a real S3 server: the same tables as on disk, and one clear line when something is wrong.</summary>
public sealed class S3LakeTests(OneMinio minio) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sessions_AreThoseOnDisk()
    {
        var bucket = await minio.NewBucketAsync();
        string[] play = ["sessionize", "--users", "30", "--days", "60", "--seed", "5"];
        await Task.WhenAll(DoneAsync(On(bucket), [.. play, "--out", Place("s3")]), DoneAsync([], [.. play, "--out", Place("disk")]));
        await SameTablesAsync(bucket, [Media.Lake.Tables.Events, Media.Lake.Tables.Sessions]);
        Assert.False(Directory.Exists(Path.Combine(Place("s3"), "lake")));

        // Nothing that a second run does may double what is there.
        var again = await JobsProcess.RunAsync(On(bucket), [.. play, "--out", Place("again")]);
        Assert.Equal((1, $"error: The lake in 's3://{bucket.Name}/media/lake' holds events already, and the embedded broker's log ends with its process, so it cannot be continued. Choose another --out and Lake__Url, or use Kafka (Kafka__BootstrapServers)."), (again.Exit, again.Errors.Trim()));
    }

    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task WholeChain_GivesTheTablesAndTheModelOfTheDisk()
    {
        var bucket = await minio.NewBucketAsync();
        foreach (var (settings, place) in new[] { (On(bucket), Place("s3")), ([], Place("disk")) })
        {
            await DoneAsync(settings, "sessionize", "--users", "150", "--days", "75", "--seed", "5", "--out", place);
            await DoneAsync(settings, "features", "--out", place);
            await DoneAsync(settings, "train", "churn", "segmentation", "--horizon-days", "14", "--out", place);
            await DoneAsync(settings, "score", "--out", place);
            await DoneAsync(settings, "bandit", "--out", place);
            await DoneAsync(settings, "report", "--out", place);
        }
        await SameTablesAsync(bucket, [Media.Lake.Tables.Events, Media.Lake.Tables.Sessions, Media.Lake.Tables.Features]);

        var (there, here) = (Registry(Of(bucket, "media/registry")), Registry(new LocalObjectStore(Path.Combine(Place("disk"), "registry"))));
        Assert.Equal(["churn", "segmentation"], await there.ModelsAsync(Cancel));
        foreach (var model in new[] { "churn", "segmentation" }) Assert.Equal((await here.LoadAsync(model, null, Cancel)).Card.Sha256, (await there.LoadAsync(model, null, Cancel)).Card.Sha256);
        Assert.Equal(Metrics("disk"), Metrics("s3"));
        Assert.Equal(1, await new BanditRegistry(Of(bucket, "media/registry")).LatestAsync("ad_slot", Cancel));

        var models = await JobsProcess.RunAsync(On(bucket), "models", "--out", Place("elsewhere"));
        Assert.Contains("churn", models.Output, StringComparison.Ordinal);

        string Metrics(string place) => JsonElement.Parse(File.ReadAllBytes(Path.Combine(Place(place), "results", "evaluation-churn.json"))).GetProperty("metrics").ToString();
    }

    [Fact]
    public async Task WrongKeysBucketPlaceOrAddress_AreOneLine()
    {
        var bucket = await minio.NewBucketAsync();
        var (right, endpoint) = (On(bucket), bucket.Options.Endpoint!);
        await FailsAsync(right, $"The lake has no table 'sessions' yet; run 'jobs journey', or 'jobs sessionize' first.");
        await FailsAsync(With("S3__AccessKey", "nobody"), $"Cannot list 's3://{bucket.Name}/media/lake/sessions/_delta_log/' at {endpoint}: the store does not know the access key.");
        await FailsAsync(With("S3__SecretKey", "wrong-secret"), $"Cannot list 's3://{bucket.Name}/media/lake/sessions/_delta_log/' at {endpoint}: the secret key does not belong to the access key.");
        await FailsAsync(With("Lake__Url", "s3://none-here/lake"), $"Cannot list 's3://none-here/lake/sessions/_delta_log/' at {endpoint}: there is no bucket 'none-here'; make it first, or name another.");
        await FailsAsync(With("S3__Endpoint", "http://127.0.0.1:9"), $"Cannot list 's3://{bucket.Name}/media/lake/sessions/_delta_log/' at http://127.0.0.1:9: it does not answer (Connection refused); see that it runs there.");
        await FailsAsync(new Dictionary<string, string>(right) { ["Lake__Url"] = "s3:/media/lake", ["Registry__Url"] = "gs://media", ["S3__Retries"] = "0" },
            "The settings of lake, registry and S3 are wrong: Lake__Url: 's3:/media/lake' is no place for objects: it begins with 's3:/'. Expected a folder, or s3://bucket/prefix. Registry__Url: 'gs://media' is no place for objects: it begins with 'gs://'. Expected a folder, or s3://bucket/prefix.");
        await FailsAsync(new Dictionary<string, string>(right) { ["S3__Endpoint"] = "127.0.0.1:9000", ["S3__SecretKey"] = "", ["S3__Retries"] = "0" },
            "The settings of lake, registry and S3 are wrong: The field Retries must be between 1 and 20. It is 0. Endpoint must be an http or https address without a path, such as http://127.0.0.1:9000. It is 127.0.0.1:9000. AccessKey and SecretKey go together, but SecretKey is missing.");

        Dictionary<string, string> With(string name, string value) => new(right) { [name] = value };

        async Task FailsAsync(Dictionary<string, string> settings, string sentence)
        {
            var run = await JobsProcess.RunAsync(settings, "features", "--out", Place("none"));
            Assert.Equal($"error: {sentence}", run.Errors.Trim());
            Assert.Equal(1, run.Exit);
        }
    }

    private static Dictionary<string, string> On(TestBucket bucket) => new()
    {
        ["Lake__Url"] = $"s3://{bucket.Name}/media/lake", ["Registry__Url"] = $"s3://{bucket.Name}/media/registry",
        ["S3__Endpoint"] = bucket.Options.Endpoint!, ["S3__AccessKey"] = bucket.Options.AccessKey!, ["S3__SecretKey"] = bucket.Options.SecretKey!,
    };

    private static S3ObjectStore Of(TestBucket bucket, string prefix) => new(bucket.Name, prefix, bucket.Options);

    private static ModelRegistry Registry(IObjectStore store) => new(store, TimeProvider.System);

    private static async Task DoneAsync(Dictionary<string, string> settings, params string[] args)
    {
        var run = await JobsProcess.RunAsync(settings, args);
        Assert.True(run.Exit == 0, $"{args[0]} ended with {run.Exit}: {run.Errors}\n{run.Output}");
    }

    private string Place(string name) => Path.Combine(_folder.Path, name);

    private async Task SameTablesAsync(TestBucket bucket, IReadOnlyList<TableSchema> tables)
    {
        using var there = Of(bucket, "media/lake");
        var here = new LocalObjectStore(Path.Combine(Place("disk"), "lake"));
        foreach (var table in tables)
        {
            var expected = await RowsAsync(here, table);
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await RowsAsync(there, table));
        }
    }

    private static async Task<List<string>> RowsAsync(IObjectStore store, TableSchema table) => await RowText.SortedAsync((await DeltaTable.OpenAsync(store, table.Name, Cancel)).ReadAsync(Cancel));
}
