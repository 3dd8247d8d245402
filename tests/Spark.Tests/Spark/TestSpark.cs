using Media.Spark;
using Media.Tests.Engines;

[assembly: AssemblyFixture(typeof(Media.Tests.Spark.TestSpark))]

namespace Media.Tests.Spark;

/// <summary>The one Spark server of this process, started when a test first asks for it; each test has a session of its own.</summary>
public sealed class TestSpark : IAsyncDisposable
{
    /// <summary>The collection of all tests here: the one server does their work on two cores, and two at once may want more memory than it has.</summary>
    public const string OneAtATime = "Spark";

    private readonly SemaphoreSlim _starting = new(1, 1);
    private RealSpark? _spark;

    internal async Task<RealSpark> ServerOrSkipAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await _starting.WaitAsync(cancel);
        try
        {
            return _spark ??= await RealSpark.StartOrSkipAsync([], cancel);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>A new session, or the test is skipped and says what is missing.</summary>
    public async Task<SparkSession> ConnectOrSkipAsync(IProgress<SparkProgress>? progress = null) =>
        await SparkSession.ConnectAsync(SparkConnection.Parse((await ServerOrSkipAsync()).Url), progress, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_spark is not null) await _spark.DisposeAsync();
        _starting.Dispose();
    }
}
