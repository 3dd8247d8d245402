using System.Collections.Concurrent;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Media.Spark.Protocol;
using Polly;
using Polly.Retry;

namespace Media.Spark;

/// <summary>The calls of one session to its server: who calls, trying again, and errors in Spark's words. Thread-safe.</summary>
internal sealed class SparkChannel : IDisposable
{
    /// <summary>Longest message either way, bytes: what the server takes by default, and far more than a batch of rows (4 MiB) that it sends.</summary>
    public const int LongestMessage = 128 << 20;

    private const string ClientType = "media-dotnet";

    /// <summary>How long a call may take that only tells the server that something is over.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    /// <summary>How long the end of a session waits for operations that were cancelled.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Task, bool> _ending = [];
    private readonly SparkConnection _connection;
    private readonly GrpcChannel _channel;
    private readonly Metadata _headers = [];
    private string? _serverSession;

    public SparkChannel(SparkConnection connection)
    {
        _connection = connection;
        if (connection.Token is { } token) _headers.Add("authorization", $"Bearer {token}");
        User = new UserContext { UserId = connection.UserId, UserName = connection.UserId };
        Retry = Retrying(connection.Retries);
        _channel = GrpcChannel.ForAddress(connection.Address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = LongestMessage, MaxSendMessageSize = LongestMessage, DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true, ConnectTimeout = connection.ConnectTimeout, ConnectCallback = ConnectAsync,
                UseProxy = connection.UseTls, // a proxy speaks no unencrypted HTTP/2
            },
        });
        Client = new SparkConnectService.SparkConnectServiceClient(_channel);
    }

    public SparkConnectService.SparkConnectServiceClient Client { get; }
    public string SessionId { get; } = Guid.NewGuid().ToString("D");
    public UserContext User { get; }

    /// <summary>What the server calls the session; another one later means that it has restarted. Empty before the first answer.</summary>
    public string ServerSession => _serverSession ?? "";

    /// <summary>Runs a step again that found no server or lost it.</summary>
    public ResiliencePipeline Retry { get; }

    public CallOptions Options(CancellationToken cancel) => new(_headers, cancellationToken: cancel);

    /// <summary>A call with one answer that may be made twice without harm.</summary>
    public async Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, Func<T, string> serverSession, CancellationToken cancel)
    {
        try
        {
            var answer = await Retry.ExecuteAsync(async c => await call(Options(c)), cancel);
            CheckServerSession(serverSession(answer));
            return answer;
        }
        catch (RpcException e)
        {
            cancel.ThrowIfCancellationRequested();
            throw await FaultAsync(e, cancel);
        }
    }

    /// <summary>The first call: is it Spark, does it answer in time, and which version is it.</summary>
    public async Task<string> VersionAsync(CancellationToken cancel)
    {
        var request = new AnalyzePlanRequest { SessionId = SessionId, UserContext = User, ClientType = ClientType, SparkVersion = new() };
        var answer = await CallAsync(o => Client.AnalyzePlanAsync(request, o.WithDeadline(Within(_connection.ConnectTimeout))), a => a.ServerSideSessionId, cancel);
        return answer.SparkVersion?.Version ?? throw SparkErrors.NotSpark(_connection, null);
    }

    /// <summary>A call that tells the server that something is over, made once.</summary>
    /// <remarks>It may fail without harm: the server ends what nobody asks for any more by itself (an operation after 5 minutes, a session after an hour).</remarks>
    public async Task TellAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call)
    {
        try
        {
            await call(Options(CancellationToken.None).WithDeadline(Within(Farewell)));
        }
        catch (RpcException)
        {
            // See the remarks.
        }
    }

    /// <summary>Lets the end of an operation take its time.</summary>
    public void EndLater(Task end)
    {
        _ending[end] = true;
        end.ContinueWith(e => _ending.TryRemove(e, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits for the operations that are ending, and ends the session.</summary>
    public async Task EndAsync()
    {
        try
        {
            await Task.WhenAll(_ending.Keys).WaitAsync(LongestEnd);
        }
        catch (TimeoutException)
        {
            // The server is still planning what nobody wants any more, and then runs it.
        }
        await TellAsync(o => Client.ReleaseSessionAsync(ReleaseSession(), o));
    }

    /// <exception cref="SparkException">The answer comes from another session: the server has restarted.</exception>
    public void CheckServerSession(string id)
    {
        if (id.Length == 0) return;
        var first = Interlocked.CompareExchange(ref _serverSession, id, null);
        if (first is not null && first != id) throw SparkErrors.Restarted(_connection, "INVALID_HANDLE.SESSION_CHANGED", null);
    }

    /// <summary>What a failed call means, with the chain of errors that the server keeps for it.</summary>
    public async Task<SparkException> FaultAsync(RpcException fault, CancellationToken cancel)
    {
        var error = SparkErrors.InfoOf(fault);
        FetchErrorDetailsResponse? chain = null;
        if (error is not null && error.Metadata.TryGetValue("errorId", out var id))
        {
            try
            {
                chain = await Client.FetchErrorDetailsAsync(
                    new FetchErrorDetailsRequest { SessionId = SessionId, UserContext = User, ClientType = ClientType, ErrorId = id },
                    Options(cancel).WithDeadline(Within(Farewell)));
            }
            catch (RpcException)
            {
                cancel.ThrowIfCancellationRequested();
                chain = null; // the error itself is at hand, only its causes are not
            }
        }
        return SparkErrors.Of(fault, error, chain, _connection);
    }

    public ExecutePlanRequest Execute(Guid operation, Plan plan) => new()
    {
        SessionId = SessionId, UserContext = User, ClientType = ClientType, OperationId = operation.ToString("D"), Plan = plan, ClientObservedServerSideSessionId = ServerSession,
        RequestOptions =
        {
            new ExecutePlanRequest.Types.RequestOption { ReattachOptions = new ReattachOptions { Reattachable = true } },
            // So that a row longer than a message arrives too.
            new ExecutePlanRequest.Types.RequestOption { ResultChunkingOptions = new ResultChunkingOptions { AllowArrowBatchChunking = true, PreferredArrowChunkSize = LongestMessage / 4 } },
        },
    };

    public ReattachExecuteRequest Reattach(Guid operation, string? lastResponse)
    {
        var request = new ReattachExecuteRequest
        {
            SessionId = SessionId, UserContext = User, ClientType = ClientType, OperationId = operation.ToString("D"), ClientObservedServerSideSessionId = ServerSession,
        };
        if (lastResponse is not null) request.LastResponseId = lastResponse;
        return request;
    }

    /// <param name="until">The last response that is not needed any more; null = the whole operation.</param>
    public ReleaseExecuteRequest Release(Guid operation, string? until)
    {
        var request = new ReleaseExecuteRequest { SessionId = SessionId, UserContext = User, ClientType = ClientType, OperationId = operation.ToString("D") };
        if (until is null) request.ReleaseAll = new();
        else request.ReleaseUntil = new() { ResponseId = until };
        return request;
    }

    public InterruptRequest Interrupt(Guid operation) => new()
    {
        SessionId = SessionId, UserContext = User, ClientType = ClientType, InterruptType = InterruptRequest.Types.InterruptType.OperationId, OperationId = operation.ToString("D"),
    };

    public ConfigRequest Configure(ConfigRequest.Types.Operation operation) => new() { SessionId = SessionId, UserContext = User, ClientType = ClientType, Operation = operation };

    private ReleaseSessionRequest ReleaseSession() => new() { SessionId = SessionId, UserContext = User, ClientType = ClientType };

    public void Dispose() => _channel.Dispose();

    private static DateTime Within(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;

    private static ResiliencePipeline Retrying(int retries) => retries == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<RpcException>(SparkErrors.MayPass), MaxRetryAttempts = retries, BackoffType = DelayBackoffType.Exponential, UseJitter = true,
        Delay = TimeSpan.FromSeconds(0.2), MaxDelay = TimeSpan.FromSeconds(5),
    }).Build();

    /// <summary>Asks TCP to notice a peer that is gone without a word within a minute: HTTP/2's own pings are more than Spark's server allows.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
