using Apache.Arrow;
using Apache.Arrow.Types;
using Media.Lake;
using Column = Media.Lake.Column;

namespace Media.Tests.Lake;

public sealed class ParquetFileTests
{
    /// <summary>The native reader outlives nothing managed that it calls: a race, which ended the process within some ten thousand files when files were read ahead.</summary>
    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task FilesReadBesideCollections_GiveTheirRows()
    {
        const int rows = 500;
        var cancel = TestContext.Current.CancellationToken;
        Column[] columns = [new("a", DoubleType.Default, Nullable: false), new("b", DoubleType.Default, Nullable: false)];
        var schema = new Schema(columns.Select(c => new Field(c.Name, c.Type, c.Nullable)), metadata: null);
        var bytes = ParquetFile.Write(schema, [new RecordBatch(schema, columns.Select(_ => Numbers(rows)), rows)]).ToArray();

        var read = 0;
        await Parallel.ForAsync(0, 60_000, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancel }, async (file, stop) =>
        {
            await foreach (var batch in ParquetFile.ReadAsync(bytes, columns, "numbers", stop)) Interlocked.Add(ref read, batch.Length);
#pragma warning disable RS0030 // Collections are what is tested: only they find what the native reader still holds.
            if (file % 50 == 0) GC.Collect();
#pragma warning restore RS0030
        });

        Assert.Equal(60_000 * rows, read);
    }

    private static DoubleArray Numbers(int rows)
    {
        var numbers = new DoubleArray.Builder();
        for (var row = 0; row < rows; row++) numbers.Append(row * 0.37);
        return numbers.Build();
    }
}
