using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;

namespace Media.Spark;

// Spark: a client of Spark Connect, the protocol by which any language uses a Spark 4 server, on one machine or a cluster.
//   SparkConnection (this file: where the server is) → SparkSession (one user's session) → SparkDataFrame (rows that are asked for: SQL, a table, a Kafka stream, Arrow rows)
//     → collected as Arrow batches · named as a view · written to Delta or Parquet (SparkWrite) · started as a stream (SparkStreamWrite) → SparkStreamingQuery, SparkStreamingProgress
//   beneath: SparkOperation runs one plan and finds its way back to it over broken streams; SparkChannel makes the calls, tries again and turns errors into SparkException;
//   connect.proto is what goes over the wire.

/// <summary>Where a Spark Connect server is and how it is spoken to. Immutable, thread-safe; its text never shows the token.</summary>
public sealed record SparkConnection
{
    /// <summary>The port that Spark Connect listens on by custom.</summary>
    public const int CustomaryPort = 15002;

    private const string Form = "sc://host:15002/;token=…;use_ssl=true;user_id=…";

    private SparkConnection(string host, int port) => (Host, Port) = (host, port);

    public string Host { get; }
    public int Port { get; }

    /// <summary>Whether the connection is encrypted and the server's certificate checked (use_ssl). Default false.</summary>
    public bool UseTls { get; private init; }

    /// <summary>Whom the server takes the caller for (user_id). Default: the user of this process.</summary>
    public string UserId { get; private init; } = Environment.UserName;

    /// <summary>How often a call is tried again that found no server or lost it, after 0.2 s, 0.4 s … at most 5 s. Default 8 (about 20 s), range 0 – 1,000.</summary>
    [Range(0, 1000)]
    public int Retries { get; init; } = 8;

    /// <summary>How long the server may take for its first answer. Default 20 s, range 100 ms – 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    internal string? Token { get; private init; }

    /// <summary>Reads <c>sc://host:port/;token=…;use_ssl=true;user_id=…</c>: the port may be absent (15002), each parameter too; values are percent-encoded.</summary>
    /// <exception cref="ArgumentException">It is not of that form, has a parameter unknown here, or would send a token unencrypted to another machine.</exception>
    public static SparkConnection Parse(string text)
    {
        // The text may hold a token, so no message quotes it.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != "sc") throw Wrong("it does not begin with sc://host");
        if (Uri.CheckHostName(uri.DnsSafeHost) == UriHostNameType.Unknown) throw Wrong("its host is none");
        if (uri.UserInfo.Length > 0) throw Wrong("a user belongs into user_id, not before an @");
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0) throw Wrong("parameters come after /; and are separated by ;");
        var path = uri.AbsolutePath;
        if (path.Length > 0 && path != "/" && !path.StartsWith("/;", StringComparison.Ordinal)) throw Wrong("parameters come after /; and there is no other path");
        var connection = new SparkConnection(uri.DnsSafeHost, uri.Port == -1 ? CustomaryPort : uri.Port);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in path.TrimStart('/').Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.IndexOf('=', StringComparison.Ordinal) is var at && at > 0
                ? (part[..at], Uri.UnescapeDataString(part[(at + 1)..]))
                : throw Wrong("a parameter has no name or no value");
            if (value.Length == 0) throw Wrong($"{name} is empty");
            if (!seen.Add(name)) throw Wrong($"{name} is there twice");
            connection = name switch
            {
                "token" => connection with { Token = value.All(char.IsAscii) && !value.Any(char.IsControl) ? value : throw Wrong("token has characters that a header cannot carry") },
                "use_ssl" => connection with { UseTls = bool.TryParse(value, out var use) ? use : throw Wrong("use_ssl is neither true nor false") },
                "user_id" => connection with { UserId = value },
                _ => throw Wrong($"{name} is unknown here; there are token, use_ssl and user_id"),
            };
        }
        if (connection is { Token: not null, UseTls: false } && !IsLoopback(connection.Host))
            throw Wrong("a token is sent without encryption to this machine only; add use_ssl=true");
        return connection;
    }

    /// <summary>Without the token.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"sc://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}{(UseTls ? "/;use_ssl=true" : "")}");

    internal Uri Address => new UriBuilder(UseTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Host, Port).Uri;

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static ArgumentException Wrong(string what) => new($"The Spark connection string is not of the form {Form}: {what}.");
}
