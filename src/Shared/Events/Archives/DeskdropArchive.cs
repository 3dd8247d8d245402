using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Media.Events.Archives;

/// <summary>CI&amp;T Deskdrop: real reading of an internal news site, 2016–2017, replayed as events.</summary>
/// <remarks>
/// VIEW is an article_view; LIKE, COMMENT CREATED, BOOKMARK and FOLLOW are reactions; rows of another eventType are no reading and are left out. Device, system and browser come from
/// the User-Agent; the region is kept as the extra field user_region; "?" and the country ZZ mean unknown and are left out. Everything else that the data lacks stays null:
/// events are of <see cref="SchemaVersions.Archive"/>. The columns sessionId, userAgent, userRegion and userCountry may be absent. The event id is a UUIDv7 of the row's time and content,
/// the same on every replay; rows that stand twice are two events.
/// </remarks>
/// <seealso href="https://www.kaggle.com/datasets/gspmoreira/articles-sharing-reading-from-cit-deskdrop">Articles sharing and reading from CI&amp;T DeskDrop</seealso>
public static class DeskdropArchive
{
    private const string UnknownCountry = "ZZ";
    private const string UnknownRegion = "?";
    private static readonly string[] Needed = ["timestamp", "eventType", "contentId", "personId"];
    private static readonly string[] Optional = ["sessionId", "userAgent", "userRegion", "userCountry"];

    /// <summary>What each eventType is; null: a view.</summary>
    private static readonly Dictionary<string, ReactionKind?> Kinds = new(StringComparer.Ordinal)
    {
        ["VIEW"] = null,
        ["LIKE"] = ReactionKind.Like,
        ["COMMENT CREATED"] = ReactionKind.Comment,
        ["BOOKMARK"] = ReactionKind.Bookmark,
        ["FOLLOW"] = ReactionKind.Follow,
    };

    /// <summary>Reads the interactions.</summary>
    /// <param name="file">The CSV, gzipped when the name ends in .gz. Disposed when it is read, or cannot be.</param>
    /// <param name="name">The file's name, for the extension and for messages.</param>
    /// <param name="tell">Told in a sentence each of what was left out.</param>
    /// <returns>One event per row in the order of time, rows of one second in that of the file. The file is read when the enumeration begins, which may be once.</returns>
    /// <exception cref="InvalidDataException">While enumerating: no gzip, a file cut off, a column missing, no row of a known eventType, or more rows that cannot be read than <see cref="ArchiveCsv.ReadAll"/> passes over.</exception>
    public static IEnumerable<MediaEvent> Read(Stream file, string name, Action<string> tell, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(name);
        return Stream();

        IEnumerable<MediaEvent> Stream()
        {
            var words = new List<string>();
            var rows = Gather(file, name, words, tell, cancel);
            var reader = new RowReader(words);
            foreach (var row in rows)
            {
                cancel.ThrowIfCancellationRequested();
                yield return reader.Read(row);
            }
        }
    }

    /// <summary>One row: 32 bytes, its texts by their numbers among the distinct ones.</summary>
    private readonly record struct Row(uint Second, int EventType, int Content, int Person, int Session, int Agent, int Region, int Country);

    private static List<Row> Gather(Stream file, string name, List<string> words, Action<string> tell, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(file, name, Needed);
        int[] needed = [.. Needed.Select(csv.Ordinal)];
        int?[] optional = [.. Optional.Select(csv.OrdinalIfAny)];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var byText = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        var (rows, inOrder, none) = (new List<Row>(), true, Number([]));
        var (unknown, unknownType) = (0L, "");
        csv.ReadAll(() =>
        {
            if (!csv.TryNumber(needed[0], out var second) || second is < 0 or > uint.MaxValue || second != Math.Floor(second))
                throw csv.Fault($"has the timestamp '{csv.Field(needed[0])}', which is not in seconds since 1970");
            var (content, person) = (csv.Field(needed[2]).Trim(), csv.Field(needed[3]).Trim());
            if (person.Length is 0 or > UserId.MaxLength) throw csv.Fault($"has the personId '{person}', which is not of 1–{UserId.MaxLength} characters");
            if (content.Length == 0) throw csv.Fault("has no contentId");
            var (eventType, contentId, personId) = (Number(csv.Text(needed[1])), Number(content), Number(person));
            if (!Kinds.ContainsKey(words[eventType]))
            {
                if (unknown++ == 0) unknownType = words[eventType];
                return;
            }
            inOrder &= rows.Count == 0 || rows[^1].Second <= second;
            rows.Add(new Row((uint)second, eventType, contentId, personId, NumberAt(0), NumberAt(1), NumberAt(2), NumberAt(3)));
        }, tell, cancel);
        if (unknown > 0 && rows.Count == 0) throw new InvalidDataException($"{name} has only rows of an unknown eventType, such as '{unknownType}'; known are {string.Join(", ", Kinds.Keys)}.");
        if (unknown > 0) tell(string.Create(CultureInfo.InvariantCulture, $"{name}: {unknown:N0} of {rows.Count + unknown:N0} rows are of an unknown eventType, such as '{unknownType}', and are left out."));
        return inOrder ? rows : [.. rows.OrderBy(row => row.Second)];

        int NumberAt(int place) => optional[place] is { } at ? Number(csv.Text(at)) : none;

        int Number(ReadOnlySpan<char> text)
        {
            if (byText.TryGetValue(text, out var number)) return number;
            words.Add(text.ToString());
            return numbers[words[^1]] = words.Count - 1;
        }
    }

    /// <summary>Turns rows into events, one after another, in the order of time.</summary>
    private sealed class RowReader(List<string> words)
    {
        private readonly Dictionary<int, Article> _articles = [];
        private readonly Dictionary<int, UserAgent> _agents = [];
        private readonly Dictionary<int, UserId> _users = [];

        /// <summary>How often each row of this second has stood here.</summary>
        private readonly Dictionary<Row, int> _sameSecond = [];
        private long _second;

        public MediaEvent Read(Row row)
        {
            if (row.Second > _second)
            {
                _second = row.Second;
                _sameSecond.Clear();
            }
            var id = Id(row);
            var user = Remembered(_users, row.Person, static id => new UserId(id));
            var agent = Remembered(_agents, row.Agent, UserAgent.Read);
            var (region, country) = (words[row.Region], words[row.Country]);
            var context = new EventContext
            {
                ClientSessionId = NullIfEmpty(words[row.Session]),
                DeviceType = agent.DeviceType,
                DeviceOs = agent.Os,
                Browser = agent.Browser,
                Country = country == UnknownCountry ? null : NullIfEmpty(country),
                Article = Remembered(_articles, row.Content, static id => new Article(id, null, null, null, null, null)),
                ExtraJson = region is "" or UnknownRegion ? null : $"{{\"user_region\":\"{JsonEncodedText.Encode(region)}\"}}",
            };
            var micros = row.Second * 1_000_000L;
            return Kinds[words[row.EventType]] is { } kind
                ? new Reaction { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = SchemaVersions.Archive, Context = context, Kind = kind }
                : new ArticleView { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = SchemaVersions.Archive, Context = context };
        }

        /// <summary>A UUIDv7: the time in ms, then a hash of the row and of how often it has stood here before.</summary>
        /// <seealso href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562, UUID version 7</seealso>
        private EventId Id(Row row)
        {
            var ordinal = _sameSecond.GetValueOrDefault(row);
            _sameSecond[row] = ordinal + 1;
            var text = string.Create(CultureInfo.InvariantCulture, $"{row.Second}\n{words[row.EventType]}\n{words[row.Content]}\n{words[row.Person]}\n{words[row.Session]}\n{words[row.Agent]}\n{words[row.Region]}\n{words[row.Country]}\n{ordinal}");
            Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(text), id);
            var lastOfTime = id[6];
            BinaryPrimitives.WriteInt64BigEndian(id, row.Second * 1000L << 16 | 0x7000L | (lastOfTime & 0x0FL) << 8 | id[7]);
            id[8] = (byte)(id[8] & 0x3F | 0x80);
            return new EventId(new Guid(id[..16], bigEndian: true));
        }

        private T Remembered<T>(Dictionary<int, T> known, int word, Func<string, T> make) =>
            known.TryGetValue(word, out var value) ? value : known[word] = make(words[word]);

        private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
    }
}
