using Apache.Arrow;

namespace Media.Lake;

/// <summary>Whether batches fit a table, and what the table must gain so that they do.</summary>
internal static class RowFit
{
    // Spark refuses these in a column's name; we never make a table that it could not read.
    private static readonly System.Buffers.SearchValues<char> NotInNames = System.Buffers.SearchValues.Create(" ,;{}()\n\t=");

    /// <summary>The columns that the batches have and the table has not yet.</summary>
    /// <exception cref="SchemaMismatchException">A type differs, a required column or value is missing, or the batches differ from each other.</exception>
    public static IReadOnlyList<Column> NewColumns(TableSchema table, IReadOnlyList<RecordBatch> batches)
    {
        var fields = batches[0].Schema.FieldsList;
        foreach (var batch in batches)
            if (!batch.Schema.FieldsList.Select(f => (f.Name, DeltaSchemaJson.TypeText(f.DataType))).SequenceEqual(fields.Select(f => (f.Name, DeltaSchemaJson.TypeText(f.DataType)))))
                throw new SchemaMismatchException($"The batches for table '{table.Name}' have different columns from each other.");

        var added = new List<Column>();
        foreach (var field in fields)
        {
            var (name, got) = (field.Name, DeltaSchemaJson.TypeText(field.DataType));
            if (table.Find(name) is { } column)
            {
                if (got != DeltaSchemaJson.TypeText(column.Type))
                    throw new SchemaMismatchException($"Column '{name}' of table '{table.Name}': got {got}, expected {DeltaSchemaJson.TypeText(column.Type)}.");
                if (!column.Nullable) RequireValues(table, batches, name);
            }
            else
            {
                if (table.Columns.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase)) is { } twin)
                    throw new SchemaMismatchException($"Column '{name}' differs from column '{twin.Name}' of table '{table.Name}' only in case.");
                if (!field.IsNullable)
                    throw new SchemaMismatchException($"Column '{name}' is new to table '{table.Name}', so it must be nullable: the rows already there lack it.");
                CheckName(table.Name, name);
                added.Add(new Column(name, field.DataType));
            }
        }
        var missing = table.Columns.Where(c => !c.Nullable && batches[0].Schema.GetFieldIndex(c.Name) < 0).Select(c => c.Name).ToList();
        if (missing.Count > 0) throw new SchemaMismatchException($"The rows for table '{table.Name}' lack the required columns {string.Join(", ", missing)}.");
        return added;
    }

    /// <summary>Whether a table to be made can be read by every engine, or one that is there has these columns.</summary>
    /// <exception cref="SchemaMismatchException">A name cannot be used, or a type differs.</exception>
    public static void CheckDeclared(TableSchema declared, TableSchema? existing)
    {
        foreach (var column in declared.Columns)
        {
            CheckName(declared.Name, column.Name);
            if (existing?.Find(column.Name) is { } there && DeltaSchemaJson.TypeText(there.Type) != DeltaSchemaJson.TypeText(column.Type))
                throw new SchemaMismatchException($"Column '{column.Name}' of table '{declared.Name}': declared {DeltaSchemaJson.TypeText(column.Type)}, but the table that is there has {DeltaSchemaJson.TypeText(there.Type)}.");
        }
        if (existing is not null && !existing.PartitionColumns.SequenceEqual(declared.PartitionColumns, StringComparer.Ordinal))
            throw new SchemaMismatchException($"Table '{declared.Name}': declared parted by ({string.Join(", ", declared.PartitionColumns)}), but the table that is there is parted by ({string.Join(", ", existing.PartitionColumns)}).");
    }

    private static void CheckName(string table, string column)
    {
        if (column.AsSpan().ContainsAny(NotInNames)) throw new SchemaMismatchException($"Column '{column}' of table '{table}' has a character that Delta does not allow in a name.");
    }

    private static void RequireValues(TableSchema table, IReadOnlyList<RecordBatch> batches, string name)
    {
        var nulls = batches.Sum(b => b.Column(name).NullCount);
        if (nulls > 0) throw new SchemaMismatchException($"Column '{name}' of table '{table.Name}' is required, but {nulls} rows have no value.");
    }
}
