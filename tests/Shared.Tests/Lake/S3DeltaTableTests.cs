using Media.Lake;
using Media.Tests.Engines;

namespace Media.Tests.Lake;

/// <summary>On a real MinIO server.</summary>
public sealed class S3DeltaTableTests(OneMinio minio) : DeltaTableTests
{
    protected override async Task<IObjectStore> NewStoreAsync()
    {
        var bucket = await minio.NewBucketAsync();
        return new S3ObjectStore(bucket.Name, "lake", bucket.Options);
    }
}
