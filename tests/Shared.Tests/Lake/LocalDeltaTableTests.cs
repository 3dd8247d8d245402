using Media.Lake;

namespace Media.Tests.Lake;

public sealed class LocalDeltaTableTests : DeltaTableTests
{
    private readonly TemporaryFolder _folder = new();

    protected override Task<IObjectStore> NewStoreAsync() => Task.FromResult<IObjectStore>(new LocalObjectStore(_folder.Path, flush: false));

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }
}
