using System.Diagnostics;
using System.Runtime;

namespace Media.Kernel.Scripting;

/// <summary>The threads of one running cell, made as they are needed, which can be stopped wherever managed code is.</summary>
/// <remarks>
/// Code after a top-level <c>await</c> goes on here too, since an await comes back to the scheduler it began on. There is no synchronization context, so nothing that
/// blocks on a task can wait for itself: while one thread is blocked another takes what is queued. What a cell hands to the thread pool (<c>Task.Run</c>) and what is in native
/// code cannot be stopped. Thread-safe.
/// </remarks>
/// <seealso href="https://learn.microsoft.com/dotnet/api/system.runtime.controlledexecution">ControlledExecution.Run</seealso>
internal sealed class CellThreads : TaskScheduler
{
    private const int StackBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(15);

    private readonly object _lock = new();
    private readonly LinkedList<Task> _queue = [];
    private readonly Dictionary<Thread, CancellationTokenSource> _threads = [];
    private int _idle;
    private bool _closed;
    private bool _stopped;

    /// <summary>So many at a time for Parallel.For and the like; blocked threads do not count.</summary>
    public override int MaximumConcurrencyLevel => Environment.ProcessorCount;

    /// <summary>Lets threads go once nothing is queued. What a cell left running runs on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Stops every thread: those that sleep or wait are woken, those that run are aborted. The tasks they were in may never complete.</summary>
    /// <returns>Whether all have ended in time; one in native code ends when it comes back from there.</returns>
    public bool Stop(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
            while (_threads.Count > 0 && Stopwatch.GetElapsedTime(started) < limit)
            {
                foreach (var (thread, abort) in _threads)
                {
                    // Not both at once: an abort does not reach one that waits, and one that was woken most often ends by itself.
                    if ((thread.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0) thread.Interrupt();
                    else if (!abort.IsCancellationRequested) _ = abort.CancelAsync(); // it may take its time
                }
                Monitor.Wait(_lock, LookAgain);
            }
            return _threads.Count == 0;
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            if (_stopped) return; // the cell is over: nothing of it may begin any more
            _queue.AddLast(task);
            if (_idle >= _queue.Count)
            {
                Monitor.Pulse(_lock);
                return;
            }
            var abort = new CancellationTokenSource();
            var thread = new Thread(() => Work(abort.Token), StackBytes) { IsBackground = true, Name = "cell" };
            _threads.Add(thread, abort);
            thread.Start();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
    {
        // Only on a thread of ours: another could not be stopped.
        if (Current != this) return false;
        return (!taskWasPreviouslyQueued || TryDequeue(task)) && TryExecuteTask(task);
    }

    protected override bool TryDequeue(Task task)
    {
        lock (_lock) return _queue.Remove(task);
    }

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock) return [.. _queue];
    }

    private void Work(CancellationToken abort)
    {
        try
        {
#pragma warning disable SYSLIB0046 // Aborting can leave a cell's own objects half changed; that is what an interrupt is, and the README says so.
            ControlledExecution.Run(ExecuteQueued, abort);
#pragma warning restore SYSLIB0046
        }
        catch (Exception fault) when (_stopped && fault is (OperationCanceledException or ThreadInterruptedException))
        {
            // Interrupted: the thread ends here, and the session tells it.
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        while (true)
        {
            try
            {
                lock (_lock)
                {
                    _threads.Remove(Thread.CurrentThread);
                    Monitor.PulseAll(_lock);
                    return;
                }
            }
            catch (ThreadInterruptedException)
            {
                // Woken while it waited for the lock: it is leaving anyway.
            }
        }
    }

    private void ExecuteQueued()
    {
        while (Next() is { } task) TryExecuteTask(task);
    }

    private Task? Next()
    {
        lock (_lock)
        {
            while (_queue.Count == 0)
            {
                if (_closed || _stopped) return null;
                _idle++;
                try
                {
                    Monitor.Wait(_lock);
                }
                finally
                {
                    _idle--;
                }
            }
            var task = _queue.First!.Value;
            _queue.RemoveFirst();
            return task;
        }
    }
}
