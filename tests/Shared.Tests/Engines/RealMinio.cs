namespace Media.Tests.Engines;

/// <summary>One MinIO server: an S3 store without buckets, under keys of its own.</summary>
internal sealed class RealMinio : IAsyncDisposable
{
    private readonly EngineProcess _engine;

    private RealMinio(EngineProcess engine, string accessKey, string secretKey) => (_engine, AccessKey, SecretKey) = (engine, accessKey, secretKey);

    /// <inheritdoc cref="EngineProcess.Id"/>
    public int ProcessId => _engine.Id;

    public string Endpoint => $"http://127.0.0.1:{_engine.Ports[0]}";
    public string AccessKey { get; }
    public string SecretKey { get; }

    /// <inheritdoc cref="EngineProcess.StartOrSkipAsync"/>
    public static async Task<RealMinio> StartOrSkipAsync(CancellationToken cancel)
    {
        var (access, secret) = (Guid.NewGuid().ToString("N")[..12], Guid.NewGuid().ToString("N"));
        var environment = new Dictionary<string, string> { ["MINIO_ROOT_USER"] = access, ["MINIO_ROOT_PASSWORD"] = secret };
        return new RealMinio(await EngineProcess.StartOrSkipAsync("minio.sh", ports: 2, [], environment, cancel), access, secret);
    }

    /// <inheritdoc cref="EngineProcess.StartAsync"/>
    public Task StartAsync(CancellationToken cancel) => _engine.StartAsync(cancel);

    /// <inheritdoc cref="EngineProcess.StopAsync"/>
    public Task StopAsync(CancellationToken cancel) => _engine.StopAsync(cancel);

    /// <inheritdoc cref="EngineProcess.KillAsync"/>
    public Task KillAsync(CancellationToken cancel) => _engine.KillAsync(cancel);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
