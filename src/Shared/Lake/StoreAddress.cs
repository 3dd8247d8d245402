using System.Text.RegularExpressions;

namespace Media.Lake;

/// <summary>Where objects are kept: a folder of this machine, or <c>s3://bucket/prefix</c>. Immutable, thread-safe.</summary>
public sealed partial record StoreAddress
{
    private StoreAddress(string? folder, string? bucket, string prefix) => (Folder, Bucket, Prefix) = (folder, bucket, prefix);

    /// <summary>As it was written; null when it is a bucket.</summary>
    public string? Folder { get; }

    /// <summary>null when it is a folder.</summary>
    public string? Bucket { get; }

    /// <summary>What every key in the bucket begins with, without a slash at either end; "" for the whole bucket.</summary>
    public string Prefix { get; }

    /// <summary>Reads a path or an <c>s3://</c> address.</summary>
    /// <exception cref="ArgumentException">It is neither; the message says what is expected.</exception>
    public static StoreAddress Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw Wrong(text, "it is empty");
        if (Scheme().Match(text) is not { Success: true } scheme) return new StoreAddress(text, null, "");
        if (scheme.Value != "s3://") throw Wrong(text, $"it begins with '{scheme.Value}'");
        var path = text["s3://".Length..].Split('/', 2);
        var (bucket, prefix) = (path[0], path.Length > 1 ? path[1].TrimEnd('/') : "");
        if (!BucketName().IsMatch(bucket)) throw Wrong(text, bucket.Length == 0 ? "the bucket is missing" : $"'{bucket}' is no name of a bucket (3 to 63 of a-z, 0-9, '-' and '.')");
        if (prefix.Length > 0 && !ObjectKey.IsKey(prefix)) throw Wrong(text, "each part between the slashes must be a name");
        return new StoreAddress(null, bucket, prefix);
    }

    /// <summary>The store there. Nothing is asked of a bucket yet: what is wrong with it, the first call tells.</summary>
    /// <exception cref="ArgumentException">The options have faults; all are listed.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public IObjectStore Open(S3Options s3) => Folder is null ? new S3ObjectStore(Bucket!, Prefix, s3) : new LocalObjectStore(Folder);

    public override string ToString() => Folder ?? (Prefix.Length == 0 ? $"s3://{Bucket}" : $"s3://{Bucket}/{Prefix}");

    private static ArgumentException Wrong(string text, string why) => new($"'{text}' is no place for objects: {why}. Expected a folder, or s3://bucket/prefix.");

    // "C:\lake" is a folder; "s3:/x" and "http://x" are meant as addresses.
    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]+:/{0,2}")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
