namespace Media.Lake;

/// <summary>The table uses a part of the Delta protocol that is not read or written here; nothing was read or written.</summary>
public sealed class UnsupportedDeltaException(string message) : NotSupportedException(message);

/// <summary>Rows do not fit the table's columns; nothing was written.</summary>
public sealed class SchemaMismatchException(string message) : ArgumentException(message);

/// <summary>Another writer changed the very files or columns this commit rests on; nothing was committed.</summary>
public sealed class DeltaConflictException(string message) : InvalidOperationException(message);
