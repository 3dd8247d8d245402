using System.ComponentModel.DataAnnotations;

namespace Media.Warehouse;

/// <summary>Where the warehouse is: in this process, in a folder, or a ClickHouse server. Immutable, thread-safe.</summary>
public sealed record WarehouseOptions
{
    /// <summary>Folder of the embedded warehouse; made when it is not there. One process at a time has it. Not used when a server is named.</summary>
    public string? Path { get; init; }

    /// <summary>A server, e.g. "Host=127.0.0.1;Port=8123;Username=…;Password=…"; it wins over the folder. Default none.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Database that holds the tables; made when it is not there. Default media.</summary>
    [Required, RegularExpression("^[A-Za-z_][A-Za-z0-9_]*$")]
    public string Database { get; init; } = "media";

    /// <summary>Most memory of the embedded engine, MiB; what needs more is refused. Default 1,024, range 256 – 1,048,576.</summary>
    /// <remarks>
    /// What the engine itself counts: queries, inserted blocks, merges, caches. The process takes up to 560 MiB beside it: the engine's code (some 250 MiB), .NET,
    /// and the rows that are being passed on, of which a load holds two blocks and a question one page.
    /// </remarks>
    [Range(256, 1 << 20)]
    public int MaxMemoryMiB { get; init; } = 1024;

    /// <summary>Longest time a query may take. Default 1 min, range 100 ms – 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
