namespace Media.Recommendation;

/// <summary>What one user did with one item, how strongly: a triple on its way into a <see cref="SparseMatrix"/>.</summary>
/// <param name="User">Row, from 0.</param>
/// <param name="Item">Column, from 0.</param>
/// <param name="Strength">Finite; 1 where nothing better is known.</param>
public readonly record struct Interaction(int User, int Item, float Strength);

/// <summary>The cells of one row: a user's history when rows are users.</summary>
public readonly ref struct SparseRow
{
    /// <param name="indices">Columns, rising, each once.</param>
    /// <param name="values">In the order of the columns.</param>
    /// <exception cref="ArgumentException">Not as many values as columns.</exception>
    public SparseRow(ReadOnlySpan<int> indices, ReadOnlySpan<float> values)
    {
        if (values.Length != indices.Length) throw new ArgumentException($"There are {values.Length} values for {indices.Length} columns.");
        Indices = indices;
        Values = values;
    }

    public ReadOnlySpan<int> Indices { get; }

    public ReadOnlySpan<float> Values { get; }

    public int Count => Indices.Length;

    public void Deconstruct(out ReadOnlySpan<int> indices, out ReadOnlySpan<float> values)
    {
        indices = Indices;
        values = Values;
    }
}

/// <summary>Users × items in compressed sparse rows: what every engine of this folder is fitted to.</summary>
/// <remarks>
/// <para>The folder's picture: triples → <b>SparseMatrix</b> → an engine (<see cref="Popularity"/>, <see cref="ItemNeighbours"/>, <see cref="Ease"/>, <see cref="ImplicitAls"/>,
/// <see cref="Nmf"/>; <see cref="ContentSimilarity"/> to items × terms beside it), each an <see cref="IRecommender"/> that scores all items for one history.</para>
/// <para>A cell given several times holds the sum: counts stay counts. A cell of strength 0 stays a cell: seen, but of no weight.
/// Columns rise within a row. Immutable, thread-safe.</para>
/// </remarks>
public sealed class SparseMatrix
{
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly float[] _values;

    private SparseMatrix(int columns, int[] starts, int[] indices, float[] values) => (Columns, _starts, _columns, _values) = (columns, starts, indices, values);

    public int Rows => _starts.Length - 1;

    public int Columns { get; }

    /// <summary>Cells held.</summary>
    public int Count => _columns.Length;

    /// <exception cref="ArgumentException">A triple lies outside the matrix or its strength is not finite.</exception>
    public static SparseMatrix From(int users, int items, ReadOnlySpan<Interaction> triples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(users);
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        var starts = new int[users + 1];
        foreach (var (user, item, strength) in triples)
        {
            if ((uint)user >= (uint)users || (uint)item >= (uint)items) throw new ArgumentException($"The triple ({user}, {item}) lies outside a matrix of {users} users and {items} items.");
            if (!float.IsFinite(strength)) throw new ArgumentException($"The strength of ({user}, {item}) is {strength}; expected a finite number.");
            starts[user + 1]++;
        }
        for (var user = 0; user < users; user++) starts[user + 1] += starts[user];
        var columns = new int[triples.Length];
        var values = new float[triples.Length];
        var next = starts.AsSpan(0, users).ToArray();
        foreach (var (user, item, strength) in triples)
        {
            var at = next[user]++;
            (columns[at], values[at]) = (item, strength);
        }
        return SumRepeated(items, starts, columns, values);
    }

    public SparseRow Row(int row) => new(_columns.AsSpan(_starts[row].._starts[row + 1]), _values.AsSpan(_starts[row].._starts[row + 1]));

    /// <summary>Items × users.</summary>
    public SparseMatrix Transposed()
    {
        var starts = new int[Columns + 1];
        foreach (var column in _columns) starts[column + 1]++;
        for (var column = 0; column < Columns; column++) starts[column + 1] += starts[column];
        var rows = new int[Count];
        var values = new float[Count];
        var next = starts.AsSpan(0, Columns).ToArray();
        for (var row = 0; row < Rows; row++)
            for (var cell = _starts[row]; cell < _starts[row + 1]; cell++)
            {
                var at = next[_columns[cell]]++;
                (rows[at], values[at]) = (row, _values[cell]);
            }
        return new SparseMatrix(Rows, starts, rows, values);
    }

    /// <summary>The same cells with other values.</summary>
    public SparseMatrix Map(Func<float, float> value) => new(Columns, _starts, _columns, Array.ConvertAll(_values, v => value(v)));

    private static SparseMatrix SumRepeated(int items, int[] starts, int[] columns, float[] values)
    {
        var kept = 0;
        var keptStarts = new int[starts.Length];
        for (var row = 0; row + 1 < starts.Length; row++)
        {
            Array.Sort(columns, values, starts[row], starts[row + 1] - starts[row]);
            for (var cell = starts[row]; cell < starts[row + 1]; cell++)
                if (kept > keptStarts[row] && columns[kept - 1] == columns[cell]) values[kept - 1] += values[cell];
                else (columns[kept], values[kept++]) = (columns[cell], values[cell]);
            keptStarts[row + 1] = kept;
        }
        return new SparseMatrix(items, keptStarts, columns[..kept], values[..kept]);
    }
}
