using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using System.Web;
using ClickHouse.Driver.Compression;

namespace Media.Warehouse.Embedded;

/// <summary>A request of ClickHouse's HTTP interface, taken apart.</summary>
/// <param name="Sql">Without the data of an INSERT, and without its FORMAT.</param>
/// <param name="Insert">The format and the data that an INSERT brings; null for anything else.</param>
/// <param name="Settings">What holds for this request alone, in the order given.</param>
/// <seealso href="https://clickhouse.com/docs/interfaces/http">HTTP interface</seealso>
internal sealed partial record ChdbRequest(
    string Sql, (string Format, Stream Data)? Insert, string Format, string? Database, string? Session, string QueryId,
    IReadOnlyList<KeyValuePair<string, string>> Parameters, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    /// <summary>Query keys of the interface itself; every other is a setting.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "query", "database", "default_format", "query_id", "session_id", "session_timeout", "session_check", "enable_http_compression", "compress", "decompress",
        "user", "password", "role", "quota_key", "wait_end_of_query", "buffer_size", "send_progress_in_http_headers", "http_write_exception_in_output_format",
    };

    private const string ParameterPrefix = "param_";

    public static async Task<ChdbRequest> ReadAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var keys = HttpUtility.ParseQueryString(request.RequestUri!.Query);
        var pairs = keys.AllKeys.OfType<string>().Select(k => KeyValuePair.Create(k, keys[k]!)).ToList();
        var body = request.Content is { } content ? Decoded(await content.ReadAsStreamAsync(cancel), content.Headers.ContentEncoding.LastOrDefault()) : Stream.Null;
        var (sql, data) = await SplitAsync(keys["query"], body, cancel);
        (string, Stream)? insert = null;
        if (data is not null && InsertWithFormat().Match(sql) is { Success: true } match)
            (sql, insert) = (match.Groups["insert"].Value, (match.Groups["format"].Value, data));
        else if (data is not null) sql = $"{sql}\n{await TextAsync(data, cancel)}";
        return new ChdbRequest(sql, insert, keys["default_format"] ?? "TabSeparated", keys["database"], keys["session_id"], keys["query_id"] ?? Guid.NewGuid().ToString(),
            [.. pairs.Where(p => p.Key.StartsWith(ParameterPrefix, StringComparison.Ordinal)).Select(p => KeyValuePair.Create(p.Key[ParameterPrefix.Length..], p.Value))],
            [.. pairs.Where(p => !Reserved.Contains(p.Key) && !p.Key.StartsWith(ParameterPrefix, StringComparison.Ordinal))]);
    }

    /// <summary>Whether the answer may be handed out in pieces: a SELECT that names no format of its own, in a format whose pieces can be put together.</summary>
    public bool CanStream => Format is "RowBinaryWithNamesAndTypes" or "RowBinary" or "TabSeparated" && Select().IsMatch(Sql) && !OwnFormat().IsMatch(Sql);

    private static Stream Decoded(Stream body, string? encoding) => encoding switch
    {
        null or "" or "identity" => body,
        "gzip" => new GZipStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        "zstd" => ZstdCompressor.Default.Decompress(body, leaveOpen: true),
        "lz4" => Lz4Compressor.Default.Decompress(body, leaveOpen: true),
        _ => throw new ChdbException($"Code: 36. DB::Exception: Content-Encoding '{encoding}' is not known here."),
    };

    /// <summary>The query stands in the address and the body is data; or it stands in the body, where the data of an INSERT … FORMAT begins after its line.</summary>
    private static async Task<(string Sql, Stream? Data)> SplitAsync(string? query, Stream body, CancellationToken cancel)
    {
        if (!string.IsNullOrEmpty(query)) return (query, body);
        var reader = PipeReader.Create(body);
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            if (read.Buffer.PositionOf((byte)'\n') is { } end && Encoding.UTF8.GetString(read.Buffer.Slice(0, end)) is var line && InsertWithFormat().IsMatch(line))
            {
                reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return (line, reader.AsStream());
            }
            if (read.IsCompleted)
            {
                var all = Encoding.UTF8.GetString(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                return (all, null);
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task<string> TextAsync(Stream data, CancellationToken cancel)
    {
        using var reader = new StreamReader(data);
        return await reader.ReadToEndAsync(cancel);
    }

    [GeneratedRegex(@"^(?<insert>\s*INSERT\s+INTO\s[\s\S]*?)\sFORMAT\s+(?<format>\w+)\s*;?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex InsertWithFormat();

    [GeneratedRegex(@"^(\s|--[^\n]*\n|/\*[\s\S]*?\*/|\()*(SELECT|WITH)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Select();

    [GeneratedRegex(@"\sFORMAT\s+\w+\s*(SETTINGS\s[^()]*)?;?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex OwnFormat();
}
