using Media.Lake;

namespace Media.Tests.Lake;

public sealed class StoreAddressTests
{
    [Theory]
    [InlineData("s3://media", "media", "")]
    [InlineData("s3://media/", "media", "")]
    [InlineData("s3://media/lake", "media", "lake")]
    [InlineData("s3://my.media-1/prod/lake/", "my.media-1", "prod/lake")]
    public void Bucket_IsReadWithItsPrefix(string text, string bucket, string prefix)
    {
        var address = StoreAddress.Parse(text);
        Assert.Equal((null, bucket, prefix), (address.Folder, address.Bucket, address.Prefix));
        Assert.Equal(text.TrimEnd('/'), address.ToString());
        using var store = Assert.IsType<S3ObjectStore>(address.Open(new S3Options { Endpoint = "http://127.0.0.1:9" }));
    }

    [Theory]
    [InlineData("artifacts/lake")]
    [InlineData("/srv/lake")]
    [InlineData(@"C:\lake")]
    [InlineData("C:/lake")]
    public void AnythingWithoutAScheme_IsAFolder(string text)
    {
        var address = StoreAddress.Parse(text);
        Assert.Equal((text, null, ""), (address.Folder, address.Bucket, address.Prefix));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("s3://", "the bucket is missing")]
    [InlineData("s3:///lake", "the bucket is missing")]
    [InlineData("s3:/media/lake", "it begins with 's3:/'")]
    [InlineData("s3a://media/lake", "it begins with 's3a://'")]
    [InlineData("http://127.0.0.1:9000/media", "it begins with 'http://'")]
    [InlineData("s3://Media/lake", "'Media' is no name of a bucket (3 to 63 of a-z, 0-9, '-' and '.')")]
    [InlineData("s3://media/a//b", "each part between the slashes must be a name")]
    [InlineData("s3://media/../b", "each part between the slashes must be a name")]
    public void AnythingElse_IsRefusedWithTheReason(string text, string why)
    {
        var fault = Assert.Throws<ArgumentException>(() => StoreAddress.Parse(text));
        Assert.Equal($"'{text}' is no place for objects: {why}. Expected a folder, or s3://bucket/prefix.", fault.Message);
    }
}
