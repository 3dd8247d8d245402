namespace Media.Tests.Engines;

/// <summary>One Spark Connect server, local[2] unless a setting says otherwise, with Delta, the Kafka source and s3a.</summary>
internal sealed class RealSpark : IAsyncDisposable
{
    private readonly EngineProcess _engine;

    private RealSpark(EngineProcess engine) => _engine = engine;

    public int Port => _engine.Ports[0];

    /// <summary>As the clients' connection string.</summary>
    public string Url => $"sc://127.0.0.1:{Port}";

    /// <summary>The end of its warnings and errors.</summary>
    public string Errors => _engine.Errors;

    /// <inheritdoc cref="EngineProcess.StartOrSkipAsync"/>
    /// <param name="settings">Spark's settings, "key=value" each, e.g. "spark.master=local-cluster[2,1,1024]".</param>
    public static async Task<RealSpark> StartOrSkipAsync(IReadOnlyList<string> settings, CancellationToken cancel)
    {
        var environment = new Dictionary<string, string> { ["SPARK_HEAP"] = "4g" };
        return new RealSpark(await EngineProcess.StartOrSkipAsync("spark-connect.sh", ports: 1, settings, environment, cancel));
    }

    /// <inheritdoc cref="EngineProcess.StartAsync"/>
    public Task StartAsync(CancellationToken cancel) => _engine.StartAsync(cancel);

    /// <inheritdoc cref="EngineProcess.StopAsync"/>
    public Task StopAsync(CancellationToken cancel) => _engine.StopAsync(cancel);

    /// <inheritdoc cref="EngineProcess.KillAsync"/>
    public Task KillAsync(CancellationToken cancel) => _engine.KillAsync(cancel);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
