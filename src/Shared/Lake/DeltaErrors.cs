namespace Media.Lake;

/// <summary>The table uses a part of the Delta protocol that is not read or written here; nothing was read or written.</summary>
public sealed class UnsupportedDeltaException(string message) : NotSupportedException(message);

/// <summary>Rows do not fit the table's columns; nothing was written.</summary>
public sealed class SchemaMismatchException(string message) : ArgumentException(message);

/// <summary>Another writer changed the very files or columns this commit rests on; nothing was committed.</summary>
public sealed class DeltaConflictException(string message) : InvalidOperationException(message);

/// <summary>Another writer has gone on from where this one meant to begin: what it holds is out of date, and nothing was committed.</summary>
public sealed class StaleTransactionException : InvalidOperationException
{
    /// <param name="expected">What the writer took to be recorded last; −1 for nothing.</param>
    /// <param name="found">What is; −1 for nothing.</param>
    public StaleTransactionException(string table, string appId, long expected, long found)
        : base($"Table '{table}' has recorded {found} for '{appId}', not {expected}: another writer has gone on from there.") => (AppId, Expected, Found) = (appId, expected, found);

    public string AppId { get; }
    public long Expected { get; }
    public long Found { get; }
}
