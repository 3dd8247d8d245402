using System.Collections.Concurrent;

namespace Media.Serving;

/// <summary>Keeps what is served fresh and what is decided written: polls registry and lake, settles old decisions, writes the log.</summary>
/// <remarks>
/// The first look is done before the server listens. What cannot be read or written is logged, stands in /health as a fault, and is tried again at the
/// next turn; meanwhile the last good state serves. At shutdown, after the last request, the log is written once more.
/// </remarks>
public sealed class Refresher(
    ModelHost models, LatestFeatures features, AdSlotBandit bandit, DecisionLog log, ServingOptions options, TimeProvider time, ILogger<Refresher> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);

    /// <summary>What failed at the last turn, in ordinal order.</summary>
    public IReadOnlyList<string> Faults => [.. _faults.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}: {f.Value}")];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        if (models.Models.Count == 0) Log.NothingToServe(logger);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    /// <summary>Looks for something newer, once.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        await Tried("models", models.RefreshAsync, cancel);
        await Tried("features", features.RefreshAsync, cancel);
        await Tried("bandit", bandit.RefreshAsync, cancel);
    }

    /// <summary>Settles what waited too long and writes the log, once.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        bandit.Expire();
        await Tried("decision log", log.WriteAsync, cancel);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Every(options.PollEvery, RefreshAsync, stoppingToken), Every(options.WriteEvery, WriteAsync, stoppingToken));

    private async Task Every(TimeSpan period, Func<CancellationToken, Task> turn, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) await turn(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The server is shutting down; StopAsync writes what is left.
        }
    }

    // Everything that a store, a file or a snapshot can do wrong ends here: it must not stop the server, and it must be seen.
    private async Task Tried(string what, Func<CancellationToken, Task> act, CancellationToken cancel)
    {
        try
        {
            await act(cancel);
            if (_faults.TryRemove(what, out _)) Log.Recovered(logger, what);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            var said = fault is AggregateException several ? string.Join(' ', several.InnerExceptions.Select(f => f.Message)) : fault.Message;
            if (!_faults.TryGetValue(what, out var known) || known != said) Log.Failed(logger, what, fault);
            _faults[what] = said;
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(LogLevel.Error, "The {What} could not be refreshed or written; the last good state serves on.")]
    internal static partial void Failed(ILogger logger, string what, Exception fault);

    [LoggerMessage(LogLevel.Information, "The {What} can be refreshed and written again.")]
    internal static partial void Recovered(ILogger logger, string what);

    [LoggerMessage(LogLevel.Information, "Model {Model} version {Version} is served from now on.")]
    internal static partial void Loaded(ILogger logger, string model, string version);

    [LoggerMessage(LogLevel.Warning, "No model is saved yet; run 'dotnet run --project src/Jobs' first. The server waits and will find what it saves.")]
    internal static partial void NothingToServe(ILogger logger);
}
