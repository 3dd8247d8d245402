using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Media.Lake;

/// <summary>Writes a table's state as a classic checkpoint, one Parquet file with a row for each action. Pure, thread-safe.</summary>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#checkpoint-schema">Delta protocol, checkpoint schema</seealso>
internal static class CheckpointWriter
{
    /// <summary>Whoever clears up spares a removed file for so long where the table does not say otherwise (delta.deletedFileRetentionDuration).</summary>
    private static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(7);

    private const long LeastCommits = 10, RowsPerCommit = 200;

    private static readonly MapType TextByText = new(new Field("key", StringType.Default, false), new Field("value", StringType.Default, true));
    private static readonly ListType Texts = new(new Field("element", StringType.Default, true));

    private static readonly StructType ProtocolType = Struct(
        ("minReaderVersion", Int32Type.Default), ("minWriterVersion", Int32Type.Default), ("readerFeatures", Texts), ("writerFeatures", Texts));

    private static readonly StructType FormatType = Struct(("provider", StringType.Default), ("options", TextByText));

    private static readonly StructType MetadataType = Struct(
        ("id", StringType.Default), ("name", StringType.Default), ("description", StringType.Default), ("format", FormatType), ("schemaString", StringType.Default),
        ("partitionColumns", Texts), ("configuration", TextByText), ("createdTime", Int64Type.Default));

    private static readonly StructType TransactionType = Struct(("appId", StringType.Default), ("version", Int64Type.Default), ("lastUpdated", Int64Type.Default));

    private static readonly StructType AddType = Struct(
        ("path", StringType.Default), ("partitionValues", TextByText), ("size", Int64Type.Default), ("modificationTime", Int64Type.Default), ("dataChange", BooleanType.Default),
        ("stats", StringType.Default), ("tags", TextByText));

    private static readonly StructType RemoveType = Struct(
        ("path", StringType.Default), ("deletionTimestamp", Int64Type.Default), ("dataChange", BooleanType.Default), ("extendedFileMetadata", BooleanType.Default),
        ("partitionValues", TextByText), ("size", Int64Type.Default));

    private static readonly Schema Schema = new(
        [.. new (string Name, StructType Type)[] { ("protocol", ProtocolType), ("metaData", MetadataType), ("txn", TransactionType), ("remove", RemoveType), ("add", AddType) }.Select(a => new Field(a.Name, a.Type, true))],
        metadata: null);

    /// <summary>Every tenth commit; of a table of very many files so rarely that no more than 200 rows are written for each commit. What the table itself asks for comes first (delta.checkpointInterval).</summary>
    public static bool IsDue(DeltaSnapshot snapshot)
    {
        var every = LeastCommits;
        if (snapshot.Metadata!.Configuration.TryGetValue("delta.checkpointInterval", out var asked) && long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var commits) && commits > 0) every = commits;
        else
            while (2 * every * RowsPerCommit <= snapshot.Files.Count) every *= 2;
        return snapshot.Version > 0 && snapshot.Version % every == 0;
    }

    /// <param name="now">Removed files are kept for the table's retention before it.</param>
    /// <returns>The file, and how many actions it holds.</returns>
    public static (ReadOnlyMemory<byte> Bytes, long Actions) Write(DeltaSnapshot snapshot, DateTimeOffset now)
    {
        var kept = (now - Retention(snapshot.Metadata!)).ToUnixTimeMilliseconds();
        List<RemoveFile> removed = [.. snapshot.Tombstones.Values.Where(f => f.DeletionTimestamp is null || f.DeletionTimestamp > kept).OrderBy(f => f.Path, StringComparer.Ordinal)];
        List<Transaction> transactions = [.. snapshot.Transactions.Values.OrderBy(t => t.AppId, StringComparer.Ordinal)];
        var added = snapshot.OrderedFiles;
        RecordBatch[] batches =
        [
            Batch("protocol", 1, Of(snapshot.Protocol!)), Batch("metaData", 1, Of(snapshot.Metadata!)), Batch("txn", transactions.Count, Of(transactions)),
            Batch("remove", removed.Count, Of(removed)), Batch("add", added.Count, Of(added)),
        ];
        return (ParquetFile.Write(Schema, [.. batches.Where(b => b.Length > 0)]), batches.Sum(b => (long)b.Length));
    }

    private static TimeSpan Retention(Metadata metadata)
    {
        // Written by Spark as "interval 1 week"; only the plain forms are read, any other falls back to the default.
        if (!metadata.Configuration.TryGetValue("delta.deletedFileRetentionDuration", out var text)) return DefaultRetention;
        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [.., var number, var unit] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? unit.TrimEnd('s').ToUpperInvariant() switch
            {
                "WEEK" => TimeSpan.FromDays(7 * (double)count),
                "DAY" => TimeSpan.FromDays(count),
                "HOUR" => TimeSpan.FromHours(count),
                _ => DefaultRetention,
            }
            : DefaultRetention;
    }

    private static RecordBatch Batch(string action, int rows, IArrowArray[] children)
    {
        var type = (StructType)Schema.GetFieldByName(action).DataType;
        return new RecordBatch(Schema, Schema.FieldsList.Select(f => f.Name == action ? new StructArray(type, rows, children, ArrowBuffer.Empty, 0) : ArrowArrays.Nulls(f.DataType, rows)), rows);
    }

    private static IArrowArray[] Of(Protocol protocol) =>
        [Ints(protocol.MinReaderVersion), Ints(protocol.MinWriterVersion), Lists(protocol.ReaderFeatures), Lists(protocol.WriterFeatures)];

    private static IArrowArray[] Of(Metadata metadata) =>
    [
        Strings([metadata.Id]), Strings([metadata.Name]), Strings([metadata.Description]),
        new StructArray(FormatType, 1, [Strings([metadata.Format.Provider]), Maps([metadata.Format.Options.ToDictionary(o => o.Key, string? (o) => o.Value)])], ArrowBuffer.Empty, 0),
        Strings([metadata.SchemaString]), Lists(metadata.PartitionColumns), Maps([metadata.Configuration.ToDictionary(c => c.Key, string? (c) => c.Value)]), Longs([metadata.CreatedTime]),
    ];

    private static IArrowArray[] Of(List<Transaction> all) =>
        [Strings(all.Select(t => t.AppId)), Longs(all.Select(long? (t) => t.Version)), Longs(all.Select(t => t.LastUpdated))];

    private static IArrowArray[] Of(IReadOnlyList<AddFile> all) =>
    [
        Strings(all.Select(f => f.Path)), Maps(all.Select(f => f.PartitionValues ?? new Dictionary<string, string?>())), Longs(all.Select(long? (f) => f.Size)), Longs(all.Select(long? (f) => f.ModificationTime)),
        // A checkpoint changes no data, whatever the commits that it stands for did.
        Flags(all.Select(bool? (_) => false)), Strings(all.Select(f => f.Stats)), Maps(all.Select(f => f.Tags)),
    ];

    private static IArrowArray[] Of(List<RemoveFile> all) =>
    [
        Strings(all.Select(f => f.Path)), Longs(all.Select(f => f.DeletionTimestamp)), Flags(all.Select(bool? (_) => false)), Flags(all.Select(f => f.ExtendedFileMetadata)),
        Maps(all.Select(f => f.PartitionValues)), Longs(all.Select(f => f.Size)),
    ];

    private static StructType Struct(params IEnumerable<(string Name, IArrowType Type)> fields) => new([.. fields.Select(f => new Field(f.Name, f.Type, true))]);

    private static StringArray Strings(IEnumerable<string?> values)
    {
        var array = new StringArray.Builder();
        foreach (var value in values) _ = value is null ? array.AppendNull() : array.Append(value);
        return array.Build();
    }

    private static Int32Array Ints(int value) => new Int32Array.Builder().Append(value).Build();

    private static Int64Array Longs(IEnumerable<long?> values)
    {
        var array = new Int64Array.Builder();
        foreach (var value in values) array.Append(value);
        return array.Build();
    }

    private static BooleanArray Flags(IEnumerable<bool?> values)
    {
        var array = new BooleanArray.Builder();
        foreach (var value in values) _ = value is { } flag ? array.Append(flag) : array.AppendNull();
        return array.Build();
    }

    private static ListArray Lists(IReadOnlyList<string>? value)
    {
        var array = new ListArray.Builder(Texts.ValueField);
        if (value is null) return array.AppendNull().Build();
        array.Append();
        foreach (var item in value) ((StringArray.Builder)array.ValueBuilder).Append(item);
        return array.Build();
    }

    private static MapArray Maps(IEnumerable<IReadOnlyDictionary<string, string?>?> values)
    {
        var array = new MapArray.Builder(TextByText);
        var (keys, texts) = ((StringArray.Builder)array.KeyBuilder, (StringArray.Builder)array.ValueBuilder);
        foreach (var value in values)
        {
            if (value is null)
            {
                array.AppendNull();
                continue;
            }
            array.Append();
            foreach (var (key, text) in value)
            {
                keys.Append(key);
                _ = text is null ? texts.AppendNull() : texts.Append(text);
            }
        }
        return array.Build();
    }
}
