namespace Media.Tests.Engines;

/// <summary>One Apache Kafka broker, which makes topics of 4 partitions by itself.</summary>
internal sealed class RealKafka : IAsyncDisposable
{
    private readonly EngineProcess _engine;

    private RealKafka(EngineProcess engine) => _engine = engine;

    public string BootstrapServers => $"127.0.0.1:{_engine.Ports[0]}";

    /// <inheritdoc cref="EngineProcess.StartOrSkipAsync"/>
    public static async Task<RealKafka> StartOrSkipAsync(CancellationToken cancel) =>
        new(await EngineProcess.StartOrSkipAsync("kafka.sh", ports: 2, [], new Dictionary<string, string>(), cancel));

    /// <inheritdoc cref="EngineProcess.StartAsync"/>
    public Task StartAsync(CancellationToken cancel) => _engine.StartAsync(cancel);

    /// <inheritdoc cref="EngineProcess.StopAsync"/>
    public Task StopAsync(CancellationToken cancel) => _engine.StopAsync(cancel);

    /// <inheritdoc cref="EngineProcess.KillAsync"/>
    public Task KillAsync(CancellationToken cancel) => _engine.KillAsync(cancel);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
