using Amazon.S3;
using Media.Lake;

[assembly: AssemblyFixture(typeof(Media.Tests.Engines.OneMinio))]

namespace Media.Tests.Engines;

/// <summary>The one MinIO server of a test assembly, started by the first test that wants it; each test gets a bucket of its own.</summary>
public sealed class OneMinio : IAsyncDisposable
{
    private readonly Lazy<Task<RealMinio>> _server = new(() => RealMinio.StartOrSkipAsync(CancellationToken.None));

    /// <summary>A new, empty bucket, or the test is skipped and says what is missing.</summary>
    public async Task<TestBucket> NewBucketAsync()
    {
        var server = await _server.Value;
        var options = new S3Options { Endpoint = server.Endpoint, AccessKey = server.AccessKey, SecretKey = server.SecretKey };
        return await TestBucket.MakeAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully) await (await _server.Value).DisposeAsync();
    }
}

/// <summary>A bucket and how it is reached.</summary>
public sealed record TestBucket(string Name, S3Options Options)
{
    internal static async Task<TestBucket> MakeAsync(S3Options options)
    {
        var bucket = new TestBucket($"test-{Guid.NewGuid():N}", options);
        using var client = bucket.Client();
        await client.PutBucketAsync(bucket.Name);
        return bucket;
    }

    /// <summary>The vendor's client, for what a store of ours does not do.</summary>
    public AmazonS3Client Client() => new(Options.AccessKey, Options.SecretKey, new AmazonS3Config { ServiceURL = Options.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
}
