namespace Media.Kernel;

/// <summary>What was asked cannot be done; the message is one sentence for the person who asked.</summary>
internal sealed class KernelException : Exception
{
    public KernelException(string message)
        : base(message)
    {
    }

    public KernelException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
