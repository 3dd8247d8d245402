using System.Net;

namespace Media.Tests.Engines;

/// <summary>Starting, killing and stopping real servers, shown on the one that starts fastest.</summary>
public class EngineProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_StartsAgainOnItsDataAndAddress()
    {
        using var http = new HttpClient();
        await using var minio = await RealMinio.StartOrSkipAsync(Cancel);
        var health = new Uri($"{minio.Endpoint}/minio/health/live");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(health, Cancel)).StatusCode);
        await minio.KillAsync(Cancel);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(health, Cancel));
        await minio.StartAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(health, Cancel)).StatusCode);
        await minio.StopAsync(Cancel);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(health, Cancel));
    }

    [Fact]
    public async Task WrongArguments_FailWithWhatTheServerSays()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => EngineProcess.StartOrSkipAsync("minio.sh", ports: 2, [], new Dictionary<string, string> { ["MINIO_ROOT_USER"] = "x" }, Cancel));
        Assert.Contains("MINIO_ROOT", failure.Message, StringComparison.Ordinal);
    }
}
