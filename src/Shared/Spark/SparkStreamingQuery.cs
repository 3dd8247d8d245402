using Media.Spark.Protocol;

namespace Media.Spark;

/// <summary>What a stream is doing.</summary>
/// <param name="Message">in Spark's words, e.g. "Waiting for data to arrive"</param>
/// <param name="IsActive">false once it has ended, well or not</param>
public sealed record SparkStreamingStatus(string Message, bool IsDataAvailable, bool IsTriggerActive, bool IsActive);

/// <summary>A stream that runs on the server, watched from here. Thread-safe.</summary>
public sealed class SparkStreamingQuery
{
    private readonly SparkSession _session;
    private readonly StreamingQueryInstanceId _query;

    internal SparkStreamingQuery(SparkSession session, StreamingQueryInstanceId query, string name) => (_session, _query, Name) = (session, query, name);

    /// <summary>The stream's own id, kept with its checkpoint: the same after each start.</summary>
    public string Id => _query.Id;

    /// <summary>The id of this run.</summary>
    public string RunId => _query.RunId;

    /// <summary>Empty when it was given none.</summary>
    public string Name { get; }

    public async Task<SparkStreamingStatus> StatusAsync(CancellationToken cancel)
    {
        var status = (await AskAsync(new() { Status = true }, cancel)).Status;
        return new SparkStreamingStatus(status.StatusMessage, status.IsDataAvailable, status.IsTriggerActive, status.IsActive);
    }

    /// <summary>How the last batch went; null before the first.</summary>
    public async Task<SparkStreamingProgress?> LastProgressAsync(CancellationToken cancel) =>
        (await AskAsync(new() { LastProgress = true }, cancel)).RecentProgress.RecentProgressJson is [.., var last] ? SparkStreamingProgress.Parse(last) : null;

    /// <summary>How the last batches went, oldest first; the server keeps the last 100.</summary>
    public async Task<IReadOnlyList<SparkStreamingProgress>> RecentProgressAsync(CancellationToken cancel) =>
        [.. (await AskAsync(new() { RecentProgress = true }, cancel)).RecentProgress.RecentProgressJson.Select(SparkStreamingProgress.Parse)];

    /// <summary>What ended the stream; null when it runs or ended well.</summary>
    public async Task<SparkException?> ExceptionAsync(CancellationToken cancel)
    {
        var fault = (await AskAsync(new() { Exception = true }, cancel)).Exception;
        return fault is not { HasExceptionMessage: true } ? null : new SparkException(SparkErrors.OneLine(fault.ExceptionMessage))
        {
            ErrorClass = fault.HasErrorClass ? fault.ErrorClass : null, Details = $"{fault.ExceptionMessage}\n{fault.StackTrace}",
        };
    }

    /// <summary>Waits until all that has arrived at the source so far is written.</summary>
    /// <exception cref="SparkException">The stream failed.</exception>
    public Task ProcessAllAvailableAsync(CancellationToken cancel) => TellAsync(new() { ProcessAllAvailable = true }, cancel);

    /// <summary>Waits until the stream has ended.</summary>
    /// <exception cref="SparkException">It failed.</exception>
    public async Task AwaitTerminationAsync(CancellationToken cancel)
    {
        // In pieces: one answer must not take for ever, or nobody would notice a server that is gone.
        while (!await AwaitTerminationAsync(TimeSpan.FromMinutes(1), cancel)) cancel.ThrowIfCancellationRequested();
    }

    /// <returns>Whether it ended within that time.</returns>
    /// <inheritdoc cref="AwaitTerminationAsync(CancellationToken)"/>
    public async Task<bool> AwaitTerminationAsync(TimeSpan timeout, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.FromMilliseconds(1));
        return (await AskAsync(new() { AwaitTermination = new() { TimeoutMs = (long)timeout.TotalMilliseconds } }, cancel)).AwaitTermination.Terminated;
    }

    /// <summary>Ends the stream between two batches; started again with the same checkpoint it goes on from there.</summary>
    public Task StopAsync(CancellationToken cancel) => TellAsync(new() { Stop = true }, cancel);

    private async Task<StreamingQueryCommandResult> AskAsync(StreamingQueryCommand command, CancellationToken cancel) =>
        (await TellAsync(command, cancel))?.StreamingQueryCommandResult ?? throw new SparkException($"Spark gave no answer about stream {Id}.");

    private Task<ExecutePlanResponse?> TellAsync(StreamingQueryCommand command, CancellationToken cancel)
    {
        command.QueryId = _query;
        return _session.RunAsync(new Command { StreamingQueryCommand = command }, cancel);
    }
}
