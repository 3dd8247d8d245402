using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Media.Events.Archives;

/// <summary>CI&amp;T Deskdrop: real reading of an internal news site, 2016–2017, replayed as events.</summary>
/// <remarks>
/// VIEW is an article_view; LIKE, COMMENT CREATED, BOOKMARK and FOLLOW are reactions. Device, system and browser come from the User-Agent;
/// the region is kept as the extra field user_region; "?" and the country ZZ mean unknown and are left out. Everything else that the data lacks stays null:
/// events are of <see cref="SchemaVersions.Archive"/>. The event id is a UUIDv7 of the row's time and content, the same on every replay;
/// rows that stand twice are two events.
/// </remarks>
/// <seealso href="https://www.kaggle.com/datasets/gspmoreira/articles-sharing-reading-from-cit-deskdrop">Articles sharing and reading from CI&amp;T DeskDrop</seealso>
public static class DeskdropArchive
{
    private const string UnknownCountry = "ZZ";
    private const string UnknownRegion = "?";
    private static readonly string[] Columns = ["timestamp", "eventType", "contentId", "personId", "sessionId", "userAgent", "userRegion", "userCountry"];

    /// <summary>Reads the interactions as they stream by.</summary>
    /// <param name="file">The CSV, gzipped when the name ends in .gz. Disposed at the end.</param>
    /// <param name="name">The file's name, for the extension and for messages.</param>
    /// <returns>One event per row, in the order of the file, which is that of time. May be enumerated once.</returns>
    /// <exception cref="InvalidDataException">While enumerating: no gzip, a file cut off, a column missing, a row that cannot be read or is out of order.</exception>
    public static IEnumerable<MediaEvent> Read(Stream file, string name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(name);
        return Stream();

        IEnumerable<MediaEvent> Stream()
        {
            using var csv = ArchiveCsv.Open(file, name, Columns);
            var column = Columns.Select(csv.Ordinal).ToArray();
            var rows = new RowReader(csv);
            while (csv.Read())
            {
                cancel.ThrowIfCancellationRequested();
                yield return rows.Read(Array.ConvertAll(column, csv.Field));
            }
        }
    }

    /// <summary>Turns rows into events, one after another.</summary>
    private sealed class RowReader(ArchiveCsv csv)
    {
        private readonly Dictionary<string, Article> _articles = new(StringComparer.Ordinal);
        private readonly Dictionary<string, UserAgent> _agents = new(StringComparer.Ordinal);
        private readonly Dictionary<string, UserId> _users = new(StringComparer.Ordinal);

        /// <summary>How often each row of this second has stood here.</summary>
        private readonly Dictionary<string, int> _sameSecond = new(StringComparer.Ordinal);
        private long _second;

        public MediaEvent Read(string[] fields)
        {
            if (!long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var second) || second > uint.MaxValue)
                throw csv.Fault($"has the timestamp '{fields[0]}', which is not in seconds since 1970");
            if (second < _second) throw csv.Fault("is earlier than the row before it");
            if (fields[3].Length is 0 or > UserId.MaxLength) throw csv.Fault($"has the personId '{fields[3]}', which is not of 1–{UserId.MaxLength} characters");
            if (fields[2].Length == 0) throw csv.Fault("has no contentId");
            if (second > _second)
            {
                _second = second;
                _sameSecond.Clear();
            }
            var id = Id(second, fields);
            var user = Remembered(_users, fields[3], static id => new UserId(id));
            var agent = Remembered(_agents, fields[5], UserAgent.Read);
            var context = new EventContext
            {
                ClientSessionId = NullIfEmpty(fields[4]),
                DeviceType = agent.DeviceType,
                DeviceOs = agent.Os,
                Browser = agent.Browser,
                Country = fields[7] == UnknownCountry ? null : NullIfEmpty(fields[7]),
                Article = Remembered(_articles, fields[2], static id => new Article(id, null, null, null, null, null)),
                ExtraJson = fields[6] is "" or UnknownRegion ? null : $"{{\"user_region\":\"{JsonEncodedText.Encode(fields[6])}\"}}",
            };
            var micros = second * 1_000_000;
            return fields[1] == "VIEW"
                ? new ArticleView { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = SchemaVersions.Archive, Context = context }
                : new Reaction { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = SchemaVersions.Archive, Context = context, Kind = Kind(fields[1]) };
        }

        private ReactionKind Kind(string eventType) => eventType switch
        {
            "LIKE" => ReactionKind.Like,
            "COMMENT CREATED" => ReactionKind.Comment,
            "BOOKMARK" => ReactionKind.Bookmark,
            "FOLLOW" => ReactionKind.Follow,
            _ => throw csv.Fault($"has the eventType '{eventType}', which is none of VIEW, LIKE, COMMENT CREATED, BOOKMARK, FOLLOW"),
        };

        /// <summary>A UUIDv7: the time in ms, then a hash of the row and of how often it has stood here before.</summary>
        /// <seealso href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562, UUID version 7</seealso>
        private EventId Id(long second, string[] fields)
        {
            var text = string.Join('\n', fields);
            var ordinal = _sameSecond.GetValueOrDefault(text);
            _sameSecond[text] = ordinal + 1;
            Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\n{ordinal}"), id);
            var lastOfTime = id[6];
            BinaryPrimitives.WriteInt64BigEndian(id, second * 1000 << 16 | 0x7000L | (lastOfTime & 0x0FL) << 8 | id[7]);
            id[8] = (byte)(id[8] & 0x3F | 0x80);
            return new EventId(new Guid(id[..16], bigEndian: true));
        }

        private static T Remembered<T>(Dictionary<string, T> known, string text, Func<string, T> make) =>
            known.TryGetValue(text, out var value) ? value : known[text] = make(text);

        private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
    }
}
