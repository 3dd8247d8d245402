using System.Runtime.CompilerServices;
using Grpc.Core;
using Media.Spark.Protocol;

namespace Media.Spark;

/// <summary>One plan that the server runs, once, however often the stream of its responses breaks.</summary>
/// <remarks>
/// The server keeps the responses of an operation until they are released, so a stream that breaks, or that the server ends after two minutes as it does with all,
/// is taken up again behind the last response that arrived. Only when nothing arrived and the server knows of no such operation is the plan sent again.
/// Cancelled or left half-read, the operation is interrupted on the server. For one reading.
/// </remarks>
internal sealed class SparkOperation(SparkChannel channel, Plan plan, IProgress<SparkProgress>? progress)
{
    /// <summary>The server may forget what was received each time this many bytes have come.</summary>
    private const int ReleaseEvery = 4 << 20;

    /// <summary>Pause before a stream that ended without a single response is taken up again.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a cancelled operation may take to show its first task.</summary>
    private static readonly TimeSpan LongestPlanning = TimeSpan.FromMinutes(1);

    private readonly Guid _id = Guid.NewGuid();
    private AsyncServerStreamingCall<ExecutePlanResponse>? _call;
    private bool _sent, _known, _working, _over;
    private string? _lastResponse;

    /// <summary>All responses but those about progress, in order, each once.</summary>
    /// <exception cref="SparkException">Spark refuses, fails or cannot be reached any more.</exception>
    public async IAsyncEnumerable<ExecutePlanResponse> RunAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var releasing = Task.CompletedTask;
        var unreleased = 0L;
        try
        {
            while (!_over)
            {
                var response = await NextAsync(cancel);
                if (response.ExecutionProgress is { } told)
                {
                    progress?.Report(new SparkProgress(_id, [.. told.Stages.Select(s => new SparkStage(s.StageId, s.NumTasks, s.NumCompletedTasks, s.InputBytesRead, s.Done))], told.NumInflightTasks));
                    continue;
                }
                unreleased += response.ArrowBatch?.Data.Length ?? 0;
                if (unreleased >= ReleaseEvery && releasing.IsCompleted)
                {
                    releasing = channel.TellAsync(o => channel.Client.ReleaseExecuteAsync(channel.Release(_id, response.ResponseId), o));
                    unreleased = 0;
                }
                yield return response;
            }
        }
        finally
        {
            Close();
            await releasing;
            // Whoever cancels need not wait for the server; the end of the session does.
            if (_sent && !_over) channel.EndLater(InterruptAsync());
            else if (_sent) await ReleaseAsync();
        }
    }

    private async Task<ExecutePlanResponse> NextAsync(CancellationToken cancel)
    {
        try
        {
            var response = await channel.Retry.ExecuteAsync(ReceiveAsync, cancel);
            channel.CheckServerSession(response.ServerSideSessionId);
            Note(response);
            return response;
        }
        catch (RpcException e)
        {
            cancel.ThrowIfCancellationRequested();
            _over = SparkErrors.InfoOf(e) is not null; // the server's own word: nothing runs there any more
            throw await channel.FaultAsync(e, cancel);
        }
    }

    private async ValueTask<ExecutePlanResponse> ReceiveAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                _call ??= Open(cancel);
                if (await _call.ResponseStream.MoveNext(cancel))
                {
                    _known = true;
                    return _call.ResponseStream.Current;
                }
                Close();
                _known = true;
                await Task.Delay(Breath, cancel);
            }
            catch (RpcException e)
            {
                Close();
                if (_known || !SparkErrors.IsUnknownOperation(e)) throw;
                _sent = false; // it never arrived
            }
        }
    }

    private void Note(ExecutePlanResponse response)
    {
        _lastResponse = response.ResponseId;
        _over = response.ResultComplete is not null;
        _working |= response.ArrowBatch is not null || response.ExecutionProgress is { } told && (told.NumInflightTasks > 0 || told.Stages.Any(s => s.NumCompletedTasks > 0));
    }

    /// <summary>Ends it on the server.</summary>
    /// <remarks>
    /// Spark takes one interrupt, which is Java's of the thread: while it plans, library code may swallow that, and then the tasks run to their end although nobody wants them.
    /// So an operation without a task yet is watched until it shows one. A command about a stream has none and waits for nothing.
    /// </remarks>
    private async Task InterruptAsync()
    {
        using var limit = new CancellationTokenSource(LongestPlanning);
        try
        {
            while (!_working && !_over && plan.Command?.StreamingQueryCommand is null) Note(await ReceiveAsync(limit.Token));
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // It has failed, is still planning, or the server is gone: the interrupt does no harm.
        }
        Close();
        if (!_over) await channel.TellAsync(o => channel.Client.InterruptAsync(channel.Interrupt(_id), o));
        await ReleaseAsync();
    }

    private Task ReleaseAsync() => channel.TellAsync(o => channel.Client.ReleaseExecuteAsync(channel.Release(_id, until: null), o));

    private AsyncServerStreamingCall<ExecutePlanResponse> Open(CancellationToken cancel)
    {
        if (_sent) return channel.Client.ReattachExecute(channel.Reattach(_id, _lastResponse), channel.Options(cancel));
        _sent = true;
        return channel.Client.ExecutePlan(channel.Execute(_id, plan), channel.Options(cancel));
    }

    private void Close()
    {
        _call?.Dispose();
        _call = null;
    }
}
