using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Media.Lake;

/// <summary>Objects under a prefix of an S3 bucket: Amazon's, MinIO, Ceph or any other store that honours <c>If-None-Match: *</c>.</summary>
/// <remarks>
/// Before the first put-if-absent it makes sure that the store honours the condition, since one that ignores it would let writers overwrite each other's
/// commits: an object <c>.put-if-absent</c> under the prefix, never listed, must be refused the second time. Thread-safe, also between processes.
/// </remarks>
/// <seealso href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">Amazon S3, conditional writes</seealso>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private const string Probe = ".put-if-absent", AuthorMark = "x-amz-meta-author";
    private const int PartsAtOnce = 4;
    private static readonly string[] Passing = ["RequestTimeout", "RequestTimeoutException", "SlowDown", "OperationAborted", "ConditionalRequestConflict"];

    private readonly string _bucket, _prefix, _place;
    private readonly int _partBytes;
    private readonly AmazonS3Client _client;
    private readonly ResiliencePipeline _retries;
    private volatile bool _honoursCondition;

    /// <param name="prefix">What every key in the bucket begins with, without a slash at either end; "" for the whole bucket.</param>
    /// <exception cref="ArgumentException">The options have faults; all are listed.</exception>
    public S3ObjectStore(string bucket, string prefix, S3Options options)
    {
        Options.Check(options, options.Others());
        (_bucket, _prefix, _partBytes) = (bucket, prefix.Length == 0 ? "" : prefix + "/", options.PartMiB << 20);
        _place = string.IsNullOrEmpty(options.Endpoint) ? "Amazon S3" : options.Endpoint.TrimEnd('/');
        _client = Client(options);
        _retries = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = call => ValueTask.FromResult(MayPass(call.Outcome.Exception)), MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromSeconds(5), UseJitter = true,
            })
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }

    public void Dispose() => _client.Dispose();

    public async Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var full = KeyOf(key);
        if (bytes.Length > PartsAtOnce * (long)_partBytes) await PutPartsAsync(full, bytes, cancel);
        else await CallAsync("write", full, token => _client.PutObjectAsync(Put(full, bytes), token), cancel);
    }

    public async Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var full = KeyOf(key);
        await RequireConditionAsync(cancel);
        return await PutIfAbsentAsync(full, bytes, cancel);
    }

    public Task<byte[]?> GetAsync(string key, CancellationToken cancel) => ReadAsync(KeyOf(key), range: null, cancel);

    public async Task<byte[]?> GetRangeAsync(string key, long offset, int length, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        // S3 has no range without a byte.
        if (length == 0) return await FindAsync(key, cancel) is null ? null : [];
        return await ReadAsync(KeyOf(key), new ByteRange(offset, offset + length - 1), cancel);
    }

    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancel)
    {
        // HEAD has one answer for an object and for a bucket that is not there. In a listing the key itself stands before all that begins with it.
        var full = KeyOf(key);
        var page = await CallAsync("find", full, token => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = full, MaxKeys = 1 }, token), cancel);
        return page.S3Objects is [{ } first, ..] && first.Key == full ? Stored(first) : null;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        var found = new List<StoredObject>();
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix + prefix, ContinuationToken = next };
            var page = await CallAsync("list", _prefix + prefix, token => _client.ListObjectsV2Async(request, token), cancel);
            foreach (var stored in page.S3Objects ?? [])
                // Consoles and Hadoop leave empty objects that stand for folders ("events/"): they are no keys.
                if (stored.Key[_prefix.Length..] is var key && key != Probe && ObjectKey.IsKey(key)) found.Add(Stored(stored));
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
        // S3 lists by the bytes of UTF-8, or in no order at all (directory buckets).
        found.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        foreach (var stored in found) yield return stored;
    }

    public Task DeleteAsync(string key, CancellationToken cancel)
    {
        var full = KeyOf(key);
        return CallAsync("delete", full, token => _client.DeleteObjectAsync(_bucket, full, token), cancel);
    }

    private static AmazonS3Client Client(S3Options options)
    {
        var config = new AmazonS3Config
        {
            // One pipeline retries, ours; and payloads are signed, which guards them as a checksum does, where not every store knows the newer checksums.
            MaxErrorRetry = 0, Timeout = Timeout.InfiniteTimeSpan,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = string.IsNullOrEmpty(options.Region) ? null : options.Region;
        if (!string.IsNullOrEmpty(options.Endpoint)) (config.ServiceURL, config.ForcePathStyle, config.AuthenticationRegion) = (options.Endpoint, true, region ?? "us-east-1");
        else if (region is not null) config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        try
        {
            return string.IsNullOrEmpty(options.AccessKey) ? new AmazonS3Client(config) : new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config);
        }
        catch (AmazonClientException fault)
        {
            throw new ArgumentException($"S3Options: Region is missing, and so is an Endpoint. {fault.Message}", nameof(options), fault);
        }
    }

    /// <summary>Makes sure once that the store refuses what it must: one request where the probe stands already, two where it does not.</summary>
    private async Task RequireConditionAsync(CancellationToken cancel)
    {
        if (_honoursCondition) return;
        var probe = _prefix + Probe;
        if (await PutIfAbsentAsync(probe, ReadOnlyMemory<byte>.Empty, cancel) && await PutIfAbsentAsync(probe, ReadOnlyMemory<byte>.Empty, cancel))
            throw new IOException($"The S3 store at {_place} ignores 'If-None-Match', so that writers would overwrite each other's commits; use one with conditional writes.");
        _honoursCondition = true;
    }

    private async Task<bool> PutIfAbsentAsync(string full, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var author = Guid.NewGuid().ToString("N");
        return await CallAsync("write", full, async token =>
        {
            try
            {
                var put = Put(full, bytes);
                put.IfNoneMatch = "*";
                put.Metadata.Add(AuthorMark, author);
                await _client.PutObjectAsync(put, token);
                return true;
            }
            catch (AmazonS3Exception taken) when (taken.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                // It may be taken by this very put: sent before, here or by a proxy on the way, with the answer lost. Equal bytes would not tell, since two
                // writers may write the same; the mark does.
                return await IsByAsync(author, full, token);
            }
        }, cancel);
    }

    private async Task<bool> IsByAsync(string author, string full, CancellationToken cancel) =>
        (await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _bucket, Key = full }, cancel)).Metadata[AuthorMark] == author;

    private async Task PutPartsAsync(string full, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var author = Guid.NewGuid().ToString("N");
        var initiate = new InitiateMultipartUploadRequest { BucketName = _bucket, Key = full };
        initiate.Metadata.Add(AuthorMark, author);
        var upload = (await CallAsync("write", full, token => _client.InitiateMultipartUploadAsync(initiate, token), cancel)).UploadId;
        try
        {
            var parts = new PartETag[(bytes.Length + _partBytes - 1) / _partBytes];
            await Parallel.ForEachAsync(Enumerable.Range(0, parts.Length), new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancel }, async (i, token) =>
            {
                var part = bytes.Slice(i * _partBytes, Math.Min(_partBytes, bytes.Length - (i * _partBytes)));
                var answer = await CallAsync("write", full, attempt => _client.UploadPartAsync(
                    new UploadPartRequest { BucketName = _bucket, Key = full, UploadId = upload, PartNumber = i + 1, InputStream = Reader(part), UseChunkEncoding = false }, attempt), token);
                parts[i] = new PartETag(i + 1, answer.ETag);
            });
            await CallAsync("write", full, async token =>
            {
                try
                {
                    await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _bucket, Key = full, UploadId = upload, PartETags = [.. parts] }, token);
                    return true;
                }
                catch (AmazonS3Exception gone) when (gone.ErrorCode == "NoSuchUpload")
                {
                    // Completed by an earlier attempt whose answer was lost?
                    if (await IsByAsync(author, full, token)) return true;
                    throw;
                }
            }, cancel);
        }
        catch
        {
            try { await CallAsync("give up", full, token => _client.AbortMultipartUploadAsync(_bucket, full, upload, token), CancellationToken.None); }
            catch (IOException)
            {
                // Its parts stay until the bucket's rule for unfinished uploads removes them; what is to be told is why it failed.
            }
            throw;
        }
    }

    private async Task<byte[]?> ReadAsync(string full, ByteRange? range, CancellationToken cancel) => await CallAsync("read", full, async token =>
    {
        try
        {
            using var response = await _client.GetObjectAsync(new GetObjectRequest { BucketName = _bucket, Key = full, ByteRange = range }, token);
            var bytes = GC.AllocateUninitializedArray<byte>(checked((int)response.ContentLength));
            await response.ResponseStream.ReadExactlyAsync(bytes, token);
            return bytes;
        }
        catch (AmazonS3Exception absent) when (absent.ErrorCode == "NoSuchKey")
        {
            return null;
        }
        catch (AmazonS3Exception beyond) when (range is not null && beyond.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return [];
        }
    }, cancel);

    /// <summary>One request, sent again where that may help; what remains is told in one sentence.</summary>
    private async Task<T> CallAsync<T>(string verb, string full, Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return await _retries.ExecuteAsync(async token => await call(token), cancel);
        }
        catch (Exception fault) when (fault is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutRejectedException)
        {
            throw new IOException($"Cannot {verb} 's3://{_bucket}/{full}' at {_place}: {Reason(fault)}.", fault);
        }
    }

    private static bool MayPass(Exception? fault) => fault switch
    {
        AmazonServiceException { InnerException: HttpRequestException or IOException } => true,
        AmazonServiceException refused => (int)refused.StatusCode is >= 500 and not (int)HttpStatusCode.NotImplemented or (int)HttpStatusCode.TooManyRequests || Passing.Contains(refused.ErrorCode),
        HttpRequestException or IOException or TimeoutRejectedException => true,
        _ => false,
    };

    private string Reason(Exception fault) => fault switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } => $"there is no bucket '{_bucket}'; make it first, or name another",
        AmazonServiceException { ErrorCode: "InvalidAccessKeyId" } => "the store does not know the access key",
        AmazonServiceException { ErrorCode: "SignatureDoesNotMatch" } => "the secret key does not belong to the access key",
        AmazonServiceException { ErrorCode: "ExpiredToken" } => "the credentials have expired",
        AmazonServiceException { ErrorCode: "AccessDenied" or "AllAccessDisabled" } => "the keys give no permission for it",
        AmazonServiceException { ErrorCode: "RequestTimeTooSkewed" } => "this machine's clock is more than 15 minutes off the store's; set it right",
        AmazonServiceException { ErrorCode: "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" } wrong => $"the region is wrong: {Sentence(wrong.Message)}",
        AmazonUnmarshallingException => "what answers there is no S3 store",
        AmazonServiceException { InnerException: (HttpRequestException or IOException) and var unanswered } => Reason(unanswered),
        AmazonServiceException { StatusCode: HttpStatusCode.NotImplemented } => "the store does not offer that request, such as a conditional put",
        AmazonServiceException refused => $"it answered {(int)refused.StatusCode} {refused.ErrorCode}: {Sentence(refused.Message)}",
        AmazonClientException => $"no keys were found; set S3__AccessKey and S3__SecretKey, or give the AWS SDK some ({Sentence(fault.Message)})",
        TimeoutRejectedException late => $"it did not answer within {late.Timeout.TotalSeconds:0.#} s; see that it runs there",
        _ => $"it does not answer ({Sentence((fault.InnerException ?? fault).Message)}); see that it runs there",
    };

    private static string Sentence(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private PutObjectRequest Put(string full, ReadOnlyMemory<byte> bytes) => new()
    {
        // Chunked signatures are not known to every store (Ceph refuses an empty object in chunks).
        BucketName = _bucket, Key = full, InputStream = Reader(bytes), UseChunkEncoding = false,
    };

    private static MemoryStream Reader(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var part)
        ? new MemoryStream(part.Array!, part.Offset, part.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private StoredObject Stored(S3Object found) =>
        new(found.Key[_prefix.Length..], found.Size ?? 0, new DateTimeOffset(DateTime.SpecifyKind((found.LastModified ?? default).ToUniversalTime(), DateTimeKind.Utc)));

    private string KeyOf(string key)
    {
        ObjectKey.Check(key);
        if (key == Probe) throw new ArgumentException($"'{key}' is no key: it shows whether the store honours a condition.", nameof(key));
        return _prefix + key;
    }
}
