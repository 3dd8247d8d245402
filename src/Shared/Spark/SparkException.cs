namespace Media.Spark;

/// <summary>Spark refuses, fails or is not there; the message is one line, in Spark's own words where it is Spark's fault.</summary>
public sealed class SparkException : Exception
{
    public SparkException(string message) : base(message) { }

    public SparkException(string message, Exception? inner) : base(message, inner) { }

    /// <summary>Spark's class of the error, e.g. <c>TABLE_OR_VIEW_NOT_FOUND</c> or <c>INVALID_HANDLE.SESSION_CHANGED</c>; null when it has none.</summary>
    /// <seealso href="https://spark.apache.org/docs/latest/sql-error-conditions.html">Spark's error conditions</seealso>
    public string? ErrorClass { get; init; }

    /// <summary>Five characters, e.g. <c>42P01</c>; null when the error has none.</summary>
    public string? SqlState { get; init; }

    /// <summary>The exception on the server's side, e.g. <c>org.apache.spark.sql.AnalysisException</c>; null when the fault is not the server's.</summary>
    public string? JavaClass { get; init; }

    /// <summary>What lies at the bottom of it, <c>class: message</c>; null when that is the error itself.</summary>
    public string? RootCause { get; init; }

    /// <summary>Spark's whole message of several lines, often with the query and its plan.</summary>
    public string Details { get; init; } = "";
}
