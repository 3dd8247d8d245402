namespace Media.Kernel;

/// <summary>What the kernel itself has to say while a notebook runs: on the process's own standard error, which Jupyter and VS Code keep in their log.</summary>
internal static class Diagnostics
{
    private static readonly TextWriter Standard = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true });

    public static void Tell(string sentence) => Standard.WriteLine($"media kernel: {sentence}");
}
