using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Media.Tests.Serving;

/// <summary>What a prediction costs beside an endpoint of the same server that only reads and writes JSON. Ratios, not the machine, are the figure.</summary>
public sealed class ThroughputTests(TrainedWorld world) : IClassFixture<TrainedWorld>
{
    private const int Connections = 16;

    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task UnderLoad_EveryRequestIsAnswered_AndTheRatesArePrinted()
    {
        await using var server = await RunningServer.StartAsync(world.Folder, app => app.MapPost("/empty", (Ask ask) => TypedResults.Ok(new Ask(ask.UserId))));
        string[] routes = ["/empty", "/predict/churn", "/bandit/ad-slot/choose"];
        foreach (var route in routes) await RateAsync(server, route, 3_000);

        // Interleaved, and the best of several: other work on the machine slows a round, nothing makes it faster than it is.
        var rates = routes.ToDictionary(r => r, _ => 0.0);
        for (var round = 0; round < 5; round++)
            foreach (var route in routes) rates[route] = Math.Max(rates[route], await RateAsync(server, route, 10_000));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", routes.Select(r => $"{r} {rates[r]:0}/s ({rates[r] / rates["/empty"]:0.00})")));
    }

    private async Task<double> RateAsync(RunningServer server, string route, int requests)
    {
        var bodies = world.Latest.Entities.Select(u => Encoding.UTF8.GetBytes($$"""{"user_id": "{{u}}"}""")).ToArray();
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = TestContext.Current.CancellationToken }, async (i, cancel) =>
        {
            using var content = new ByteArrayContent(bodies[i % bodies.Length]);
            content.Headers.ContentType = new("application/json");
            using var response = await server.Client.PostAsync(route, content, cancel);
            response.EnsureSuccessStatusCode();
        });
        return requests / clock.Elapsed.TotalSeconds;
    }

    private sealed record Ask(string UserId);
}
