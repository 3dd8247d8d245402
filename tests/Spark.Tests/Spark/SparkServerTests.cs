using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Media.Spark;
using Media.Spark.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Media.Tests.Spark;

/// <summary>What is told when no Spark, another server or an older Spark is where Spark should be.</summary>
[Collection(TestSpark.OneAtATime)]
public class SparkServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NobodyThere_IsToldAfterItsRetries()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var fault = await FaultAsync(SparkConnection.Parse($"sc://127.0.0.1:{port}") with { Retries = 1 });
        Assert.Equal($"Spark at sc://127.0.0.1:{port} cannot be reached: Connection refused", fault.Message);
    }

    [Fact]
    public async Task UnknownHost_IsToldAtOnce()
    {
        var fault = await FaultAsync(SparkConnection.Parse("sc://no-such-host.invalid"));
        Assert.StartsWith("Spark at sc://no-such-host.invalid:15002 cannot be reached: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebServerThere_IsNotTakenForSpark()
    {
        await using var web = await StartAsync(HttpProtocols.Http1, null, c => c.Response.WriteAsync("hello", Cancel));
        Assert.StartsWith("Something other than a Spark Connect server answers at sc://127.0.0.1:", (await FaultAsync(At(web))).Message, StringComparison.Ordinal);
        await using var web2 = await StartAsync(HttpProtocols.Http2, null, c => c.Response.WriteAsync("hello", Cancel));
        Assert.StartsWith("Something other than a Spark Connect server answers at sc://127.0.0.1:", (await FaultAsync(At(web2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilentServerThere_IsGivenUp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var fault = await FaultAsync(SparkConnection.Parse($"sc://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}") with { ConnectTimeout = TimeSpan.FromSeconds(0.5) });
        Assert.EndsWith("does not answer within 0.5 s.", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.5.8")]
    [InlineData("soon")]
    public async Task OlderSpark_IsRefusedByItsVersion(string version)
    {
        await using var old = await StartAsync(HttpProtocols.Http2, null, c => AnswerAsync(c, new AnalyzePlanResponse { ServerSideSessionId = "a", SparkVersion = new() { Version = version } }));
        var fault = await FaultAsync(At(old));
        Assert.EndsWith($"is of version {version}; 4.0 or later is needed.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenAndUser_ReachTheServer()
    {
        var (headers, requests) = (new List<string>(), new List<AnalyzePlanRequest>());
        await using var spark = await StartAsync(HttpProtocols.Http2, null, async c =>
        {
            headers.Add(c.Request.Headers.Authorization.ToString());
            var body = new MemoryStream();
            await c.Request.Body.CopyToAsync(body, Cancel);
            requests.Add(AnalyzePlanRequest.Parser.ParseFrom(body.ToArray().AsSpan(5)));
            await AnswerAsync(c, new AnalyzePlanResponse { SparkVersion = new() { Version = "3.0" } });
        });
        await FaultAsync(SparkConnection.Parse($"{At(spark)}/;token=s3cret;user_id=ann"));
        Assert.Equal(["Bearer s3cret"], headers);
        Assert.Equal("ann", Assert.Single(requests).UserContext.UserId);
    }

    [Fact]
    public async Task CertificateThatNobodyVouchesFor_IsRefused()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var spark = await StartAsync(HttpProtocols.Http2, certificate, c => AnswerAsync(c, new AnalyzePlanResponse { SparkVersion = new() { Version = "4.2.0" } }));
        var fault = await FaultAsync(SparkConnection.Parse($"{At(spark)}/;use_ssl=true;token=s3cret"));
        Assert.StartsWith("There is no trusted TLS connection to sc://127.0.0.1:", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
        // And the other way round: TLS spoken to a server without.
        await using var plain = await StartAsync(HttpProtocols.Http2, null, c => AnswerAsync(c, new AnalyzePlanResponse()));
        Assert.StartsWith("There is no trusted TLS connection to sc://127.0.0.1:", (await FaultAsync(SparkConnection.Parse($"{At(plain)}/;use_ssl=true"))).Message, StringComparison.Ordinal);
    }

    private static async Task<SparkException> FaultAsync(SparkConnection connection)
    {
        var fault = await Assert.ThrowsAsync<SparkException>(() => SparkSession.ConnectAsync(connection, null, Cancel));
        Assert.DoesNotContain('\n', fault.Message);
        return fault;
    }

    private static SparkConnection At(WebApplication server) => SparkConnection.Parse($"sc://127.0.0.1:{new Uri(server.Urls.Single()).Port}");

    private static async Task<WebApplication> StartAsync(HttpProtocols protocols, X509Certificate2? certificate, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(Cancel);
        return app;
    }

    /// <summary>One message as gRPC frames it: a zero, its length, itself; and the status in the trailers.</summary>
    private static async Task AnswerAsync(HttpContext context, AnalyzePlanResponse message)
    {
        context.Response.ContentType = "application/grpc";
        var bytes = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), message.CalculateSize());
        message.WriteTo(bytes.AsSpan(5));
        await context.Response.Body.WriteAsync(bytes, Cancel);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
