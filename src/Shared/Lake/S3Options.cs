using System.ComponentModel.DataAnnotations;

namespace Media.Lake;

/// <summary>How an S3 store is reached; bucket and prefix come from the <see cref="StoreAddress"/> of what is kept there. Immutable, thread-safe.</summary>
public sealed record S3Options
{
    /// <summary>http or https address of the store, for example http://127.0.0.1:9000; its buckets are named in the path. Default none: Amazon S3 of the region.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Default us-east-1 beside an endpoint, otherwise what the AWS SDK finds (AWS_REGION, profile, instance).</summary>
    public string? Region { get; init; }

    /// <summary>Together with <see cref="SecretKey"/>, or neither. Default none: the AWS SDK's own chain (environment, profile, role of the machine).</summary>
    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    /// <summary>How often a request is sent again that failed for a reason which may pass; the waits double from 0.1 s to at most 5 s. Default 5 (about 3 s), range 1 – 20.</summary>
    [Range(1, 20)]
    public int Retries { get; init; } = 5;

    /// <summary>After this long without the whole answer a request counts as failed. Default 30 s, range 100 ms – 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An object of more than four such parts is sent in parts, so that a fault costs a part and not the whole, MiB. Default 16, range 5 – 1,024.</summary>
    [Range(5, 1024)]
    public int PartMiB { get; init; } = 16;

    /// <summary>One sentence per fault, empty when all is well; the secret key is in none of them.</summary>
    public IReadOnlyList<string> Faults() => [.. Options.Faults(this), .. Others().OfType<string>()];

    internal IEnumerable<string?> Others()
    {
        yield return string.IsNullOrEmpty(Endpoint) || (Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "" })
            ? null : $"Endpoint must be an http or https address without a path, such as http://127.0.0.1:9000. It is {Endpoint}.";
        yield return string.IsNullOrEmpty(AccessKey) == string.IsNullOrEmpty(SecretKey) ? null : $"AccessKey and SecretKey go together, but {(string.IsNullOrEmpty(AccessKey) ? "AccessKey" : "SecretKey")} is missing.";
    }

    /// <summary>Without the keys: what is printed may be kept.</summary>
    public override string ToString() => $"S3Options {{ Endpoint = {Endpoint}, Region = {Region} }}";
}
