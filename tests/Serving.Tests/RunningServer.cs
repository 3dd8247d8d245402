using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Media.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Media.Tests.Serving;

/// <summary>The real server on a free port of this machine, with a clock that stands still until it is moved.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app, FakeTimeProvider clock) =>
        (_app, Clock, Client) = (app, clock, new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) });

    public HttpClient Client { get; }
    public FakeTimeProvider Clock { get; }
    public AdSlotBandit Bandit => _app.Services.GetRequiredService<AdSlotBandit>();
    public Refresher Refresher => _app.Services.GetRequiredService<Refresher>();

    public static Task<RunningServer> StartAsync(string dataFolder, params string[] more) => StartAsync(dataFolder, _ => { }, more);

    /// <param name="add">Maps routes of the test's own beside the server's.</param>
    public static async Task<RunningServer> StartAsync(string dataFolder, Action<WebApplication> add, params string[] more)
    {
        var clock = new FakeTimeProvider(TrainedWorld.AsOf.AddHours(1));
        var app = ServingApp.Build(["--urls=http://127.0.0.1:0", $"--Serving:DataFolder={dataFolder}", "--Serving:BanditSeed=7", "--Logging:LogLevel:Default=None", .. more], clock);
        add(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningServer(app, clock);
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path) => await ReadAsync(await Client.GetAsync(path, TestContext.Current.CancellationToken));

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object body) =>
        await ReadAsync(await Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken));

    public async Task<(int Status, JsonElement Body)> PostTextAsync(string path, string body, string contentType = "application/json") =>
        await PostBytesAsync(path, Encoding.UTF8.GetBytes(body), contentType);

    public async Task<(int Status, JsonElement Body)> PostBytesAsync(string path, byte[] body, string contentType = "application/json")
    {
        using var content = new ByteArrayContent(body);
        if (contentType.Length > 0) content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await ReadAsync(await Client.PostAsync(path, content, TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static async Task<(int Status, JsonElement Body)> ReadAsync(HttpResponseMessage response)
    {
        using var disposed = response;
        var type = response.Content.Headers.ContentType?.MediaType;
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // A refusal of any kind must be a problem with a sentence.
        if ((int)response.StatusCode >= 400)
        {
            Assert.Equal("application/problem+json", type);
            var problem = JsonElement.Parse(text);
            Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
            Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
            return ((int)response.StatusCode, problem);
        }
        return ((int)response.StatusCode, type == "application/json" ? JsonElement.Parse(text) : default);
    }
}
