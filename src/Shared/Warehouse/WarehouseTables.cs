using Media.Lake;

namespace Media.Warehouse;

/// <summary>A table of the warehouse and the lake's table that its rows come from.</summary>
/// <param name="Name">As in Schema/.</param>
/// <param name="Views">Tables kept up by materialized views of this one; their partitions are the same months.</param>
public sealed record WarehouseTable(string Name, TableSchema Lake, params IReadOnlyList<string> Views);

/// <summary>Which tables the warehouse has from the lake.</summary>
public static class WarehouseTables
{
    public static WarehouseTable Events { get; } = new("events", Tables.Events, "article_5m", "segment_hour", "ad_slot_day", "counter_minute", "loaded_day");

    public static WarehouseTable BadEvents { get; } = new("bad_events", Tables.BadEvents);

    public static WarehouseTable Sessions { get; } = new("sessions", Tables.Sessions, "country_day", "brand_day");

    public static WarehouseTable Features { get; } = new("features_latest", Tables.Features);

    public static WarehouseTable Predictions { get; } = new("predictions", Tables.Predictions);

    public static WarehouseTable Actions { get; } = new("actions", Tables.Actions);

    public static WarehouseTable Decisions { get; } = new("decisions", Tables.Decisions);

    public static IReadOnlyList<WarehouseTable> All { get; } = [Events, BadEvents, Sessions, Features, Predictions, Actions, Decisions];
}
