using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Media.Lake;

/// <summary>A table's columns as the JSON text Delta keeps them in (<c>metaData.schemaString</c>) and back.</summary>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#schema-serialization-format">Delta protocol, schema serialization format</seealso>
internal static class DeltaSchemaJson
{
    public static string Write(TableSchema schema) =>
        new JsonObject { ["type"] = "struct", ["fields"] = new JsonArray([.. schema.Columns.Select(FieldNode)]) }.ToJsonString();

    /// <summary>The same text with these columns behind its own; what other writers noted on the columns stays.</summary>
    public static string Append(string schemaString, IEnumerable<Column> added)
    {
        var root = JsonNode.Parse(schemaString)!;
        foreach (var column in added) root["fields"]!.AsArray().Add(FieldNode(column));
        return root.ToJsonString();
    }

    /// <exception cref="InvalidDataException">It is no schema.</exception>
    /// <exception cref="UnsupportedDeltaException">A column has a type unknown here.</exception>
    public static TableSchema Read(string name, string schemaString, IReadOnlyList<string> partitionColumns)
    {
        try
        {
            using var document = JsonDocument.Parse(schemaString);
            var columns = document.RootElement.GetProperty("fields").EnumerateArray().Select(ColumnOf).ToList();
            return new TableSchema(name, columns, partitionColumns);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"Table '{name}' has a schema that cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Delta's name of a type; two columns fit when these are equal.</summary>
    public static string TypeText(IArrowType type) => TypeNode(type) is JsonValue simple ? simple.GetValue<string>() : TypeNode(type).ToJsonString();

    private static Column ColumnOf(JsonElement field)
    {
        var comment = field.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("comment", out var text) ? text.GetString() : null;
        return new Column(field.GetProperty("name").GetString()!, TypeOf(field.GetProperty("type")), field.GetProperty("nullable").GetBoolean(), comment);
    }

    private static JsonNode FieldNode(Column column) => new JsonObject
    {
        ["name"] = column.Name,
        ["type"] = TypeNode(column.Type),
        ["nullable"] = column.Nullable,
        ["metadata"] = column.Unit is null ? [] : new JsonObject { ["comment"] = column.Unit },
    };

    private static JsonNode TypeNode(IArrowType type) => type switch
    {
        StringType => "string",
        BinaryType => "binary",
        BooleanType => "boolean",
        Int8Type => "byte",
        Int16Type => "short",
        Int32Type => "integer",
        Int64Type => "long",
        FloatType => "float",
        DoubleType => "double",
        Date32Type => "date",
        TimestampType { Timezone: null or "" } => "timestamp_ntz",
        TimestampType => "timestamp",
        Decimal128Type d => $"decimal({d.Precision},{d.Scale})",
        MapType map => new JsonObject
        {
            ["type"] = "map", ["keyType"] = TypeNode(map.KeyField.DataType), ["valueType"] = TypeNode(map.ValueField.DataType),
            ["valueContainsNull"] = map.ValueField.IsNullable,
        },
        ListType list => new JsonObject
        {
            ["type"] = "array", ["elementType"] = TypeNode(list.ValueDataType), ["containsNull"] = list.ValueField.IsNullable,
        },
        StructType record => new JsonObject
        {
            ["type"] = "struct",
            ["fields"] = new JsonArray([.. record.Fields.Select(f => FieldNode(new Column(f.Name, f.DataType, f.IsNullable)))]),
        },
        _ => throw new UnsupportedDeltaException($"Arrow type '{type.Name}' has no Delta type."),
    };

    private static IArrowType TypeOf(JsonElement type)
    {
        if (type.ValueKind == JsonValueKind.String) return SimpleType(type.GetString()!);
        return type.GetProperty("type").GetString() switch
        {
            "array" => new ListType(new Field("element", TypeOf(type.GetProperty("elementType")), type.GetProperty("containsNull").GetBoolean())),
            "map" => new MapType(
                new Field("key", TypeOf(type.GetProperty("keyType")), false),
                new Field("value", TypeOf(type.GetProperty("valueType")), type.GetProperty("valueContainsNull").GetBoolean())),
            "struct" => new StructType([.. type.GetProperty("fields").EnumerateArray().Select(ColumnOf).Select(c => new Field(c.Name, c.Type, c.Nullable))]),
            var other => throw new UnsupportedDeltaException($"Delta type '{other}' is not known here."),
        };
    }

    private static IArrowType SimpleType(string name) => name switch
    {
        "string" => ColumnTypes.String,
        "binary" => ColumnTypes.Binary,
        "boolean" => ColumnTypes.Boolean,
        "byte" => Int8Type.Default,
        "short" => Int16Type.Default,
        "integer" => ColumnTypes.Integer,
        "long" => ColumnTypes.Long,
        "float" => ColumnTypes.Float,
        "double" => ColumnTypes.Double,
        "date" => ColumnTypes.Date,
        "timestamp" => ColumnTypes.Timestamp,
        "timestamp_ntz" => new TimestampType(TimeUnit.Microsecond, (string?)null),
        _ when name.StartsWith("decimal(", StringComparison.Ordinal) && name.EndsWith(')') => Decimal(name),
        _ => throw new UnsupportedDeltaException($"Delta type '{name}' is not known here."),
    };

    private static Decimal128Type Decimal(string name)
    {
        var digits = name["decimal(".Length..^1].Split(',', StringSplitOptions.TrimEntries);
        return new Decimal128Type(int.Parse(digits[0], CultureInfo.InvariantCulture), int.Parse(digits[1], CultureInfo.InvariantCulture));
    }
}
