namespace Media.Jobs;

/// <summary>Something the person who started a job can mend; its message is all they need to see.</summary>
internal sealed class JobException : Exception
{
    public JobException(string message) : base(message) { }
    public JobException(string message, Exception inner) : base(message, inner) { }
}
