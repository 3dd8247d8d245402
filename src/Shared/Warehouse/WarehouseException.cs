namespace Media.Warehouse;

/// <summary>The warehouse refuses or is not there; the message is one line and says what to do next.</summary>
public sealed class WarehouseException : Exception
{
    public WarehouseException(string message) : base(message) { }

    /// <param name="code">ClickHouse's number of the error, 0 when the fault is not its own.</param>
    public WarehouseException(string message, int code, Exception inner) : base(message, inner) => Code = code;

    /// <summary>ClickHouse's number of the error, e.g. 62 for bad syntax; 0 when the fault is not its own.</summary>
    public int Code { get; }
}
