using System.Diagnostics;
using System.Globalization;
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

    [Fact]
    public async Task TestProcessKilled_TakesItsServersAlong()
    {
        SharedData.PathOrSkip("engines", "minio.sh");
        var told = Path.Combine(Directory.CreateTempSubdirectory("media-orphan-").FullName, "id");
        try
        {
            // These very tests in a process of their own, which starts a server, tells its id and waits to be killed.
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["--explicit", "only", "--filter-method", $"*.{nameof(HoldsAServer)}"]) { RedirectStandardOutput = true };
            start.Environment[HeldBy] = told;
            using var tests = Process.Start(start)!;
            tests.OutputDataReceived += static (_, _) => { };
            tests.BeginOutputReadLine();
            try
            {
                await UntilAsync(() => tests.HasExited || File.Exists(told), "The other tests have started no server.");
                Assert.False(tests.HasExited, "The other tests have ended.");
            }
            finally
            {
                if (!tests.HasExited) tests.Kill();
            }
            var server = int.Parse(await File.ReadAllTextAsync(told, Cancel), CultureInfo.InvariantCulture);
            await UntilAsync(() => !File.Exists($"/proc/{server}/cmdline") || !File.ReadAllText($"/proc/{server}/cmdline").Contains("minio", StringComparison.Ordinal), $"The server {server} is still there.");
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(told)!, recursive: true);
        }
    }

    /// <summary>Only for the test above.</summary>
    [Fact(Explicit = true)]
    public async Task HoldsAServer()
    {
        if (Environment.GetEnvironmentVariable(HeldBy) is not { } tell) { Assert.Skip("It is run by another test."); return; }
        await using var minio = await RealMinio.StartOrSkipAsync(Cancel);
        await File.WriteAllTextAsync(tell + ".partial", $"{minio.ProcessId}", Cancel);
        File.Move(tell + ".partial", tell);
        await Task.Delay(Limit, Cancel);
    }

    private const string HeldBy = "MEDIA_TEST_HOLDS_A_SERVER";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); await Task.Delay(50, Cancel)) Assert.True(waited.Elapsed < Limit, otherwise);
    }
}
