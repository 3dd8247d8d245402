namespace Media.Events.Archives;

/// <summary>One row of a file cannot be read, while those after it may be.</summary>
/// <remarks>The message names file, row and what is wrong.</remarks>
public sealed class UnreadableRowException(string message) : IOException(message);
