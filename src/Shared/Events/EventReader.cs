using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Media.Events;

/// <summary>What an <see cref="EventReader"/> accepts and remembers.</summary>
public sealed record EventReaderOptions
{
    /// <summary>Longest record, bytes. Default 65,536, range 1,024 – 16,777,216.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBytes { get; init; } = 64 * 1024;
}

/// <summary>Reads one event from its JSON: bytes in, a <see cref="MediaEvent"/> or a <see cref="BadEvent"/> out, never an exception.</summary>
/// <remarks>
/// The record is one JSON object in UTF-8, its fields in any order. The rules beyond MediaEvent's own:
/// <list type="bullet">
/// <item>null is absence; a field of another event type, or of no type known here, is kept verbatim in ExtraJson, and so are
/// article fields that come without article_id where none is required.</item>
/// <item>A word outside its list, an empty id or brand, a country that is not two capital letters, and event_time before 1990 are OutOfRange.</item>
/// <item>A known field that stands twice is Undecodable: two readers of such bytes would see two different events.</item>
/// <item>A schema_version above <see cref="SchemaVersions.Live"/> is read as Live.</item>
/// </list>
/// One pass over the bytes finds the fields, and only then is the type known and are values made: no allocation but the record and texts not seen lately.
/// Not thread-safe; memory is bounded (≈ 20 MB when its pools of returning texts are full).
/// </remarks>
public sealed class EventReader
{
    private const int None = -1;
    private static readonly long EarliestMicros = (long)(new DateTime(1990, 1, 1) - DateTime.UnixEpoch).TotalMicroseconds;
    private static readonly long MicrosAhead = (long)TimeSpan.FromHours(24).TotalMicroseconds;
    private static readonly ulong Discriminators = EventFields.Set(EventField.EventType, EventField.SchemaVersion);
    private static readonly ulong ArticleDetails =
        EventFields.Set(EventField.Category, EventField.ArticleTitle, EventField.ArticleType, EventField.PublishedAt, EventField.WordCount);

    private readonly EventReaderOptions _options;
    private readonly FieldSlot[] _slots = new FieldSlot[EventFields.Count];
    private readonly FieldNames _fieldNames = new();
    private readonly List<FieldSlot> _unknown = [];
    private readonly StringPool _names = new(4096);
    private readonly StringPool _ids = new(65536);
    private readonly Article?[] _articles = new Article?[16384];
    private readonly EventContext _context = new();
    private readonly byte[] _scratch;

    public EventReader() : this(new EventReaderOptions()) { }

    public EventReader(EventReaderOptions options)
    {
        _options = options;
        _scratch = new byte[options.MaxBytes];
    }

    /// <param name="receivedAt">When the record arrived: event_time may lie up to 24 h after it.</param>
    /// <param name="partition">Kafka partition, −1 when it did not come through Kafka.</param>
    /// <param name="offset">Kafka offset, −1 when it did not come through Kafka.</param>
    /// <returns>True with <paramref name="good"/>, or false with <paramref name="bad"/>, which holds a copy of the bytes.</returns>
    public bool TryRead(ReadOnlySpan<byte> utf8, DateTimeOffset receivedAt, int partition, long offset,
        [NotNullWhen(true)] out MediaEvent? good, [NotNullWhen(false)] out BadEvent? bad)
    {
        good = null;
        bad = null;
        BadEventReason reason;
        EventField? field = null;
        if (utf8.Length > _options.MaxBytes) reason = BadEventReason.TooLarge;
        else if (!TryFindFields(utf8, out var present, out field)) reason = BadEventReason.Undecodable;
        else
        {
            var values = new FieldValues(utf8, _slots, present, _names, _ids, _scratch);
            good = Compose(utf8, ref values, present, receivedAt);
            if (good is not null) return true;
            reason = values.Fault.GetValueOrDefault();
            field = values.FaultyField;
        }
        bad = new BadEvent(reason, field is { } at ? Vocabulary<EventField>.Name(at) : null, utf8.ToArray(), receivedAt, partition, offset);
        return false;
    }

    /// <summary>Fills the slots of the known fields and the list of the unknown ones.</summary>
    /// <param name="twice">The known field that stands twice, if that is why the answer is false.</param>
    private bool TryFindFields(ReadOnlySpan<byte> utf8, out ulong present, out EventField? twice)
    {
        present = 0;
        twice = null;
        _unknown.Clear();
        if (!Utf8.IsValid(utf8)) return false;
        var scanner = new JsonObjectScanner(utf8);
        if (!scanner.TryOpen()) return false;
        var seen = 0UL;
        var previous = None;
        while (true)
        {
            var field = _fieldNames.Guess(previous, out var token);
            var step = scanner.Next(token);
            if (step is not JsonObjectScanner.Step.Field) return step is JsonObjectScanner.Step.End;
            var slot = scanner.Slot;
            if (!scanner.Guessed && !TryFindName(utf8.Slice(slot.NameStart + 1, scanner.NameLength), scanner.NameEscaped, previous, out field)) return false;
            if (field == None)
            {
                _unknown.Add(slot);
                continue;
            }
            previous = field;
            var bit = 1UL << field;
            if ((seen & bit) != 0)
            {
                twice = (EventField)field;
                return false;
            }
            seen |= bit;
            if (slot.Type is JsonTokenType.Null) continue;
            present |= bit;
            _slots[field] = slot;
        }
    }

    private bool TryFindName(ReadOnlySpan<byte> name, bool escaped, int previous, out int field)
    {
        field = None;
        if (escaped)
        {
            if (!JsonText.TryUnescape(name, _scratch, out var length)) return false;
            name = _scratch.AsSpan(0, length);
        }
        field = _fieldNames.Find(name, previous);
        return true;
    }

    /// <returns>Null when the values have a fault.</returns>
    private MediaEvent? Compose(ReadOnlySpan<byte> utf8, ref FieldValues values, ulong present, DateTimeOffset receivedAt)
    {
        values.Require(Discriminators);
        var version = values.Count(EventField.SchemaVersion) ?? 0;
        if (values.EventType() is not { } type || values.Fault is not null) return null;
        values.Require(EventFields.RequiredOf(type, version));
        if (values.Fault is not null) return null;

        var id = values.Uuid(EventField.EventId) ?? default;
        var time = Time(ref values, receivedAt);
        var user = User(ref values);
        var own = EventFields.Of(type);
        if (!values.Has(EventField.ArticleId)) own &= ~ArticleDetails;
        var context = _context;
        context.ClientSessionId = values.Id(EventField.ClientSessionId);
        context.Brand = values.NonEmpty(EventField.Brand, values.Name(EventField.Brand));
        context.PageUrl = values.Id(EventField.PageUrl);
        context.Referrer = values.Word<Referrer>(EventField.Referrer);
        context.DeviceType = values.Word<DeviceType>(EventField.DeviceType);
        context.DeviceOs = values.Name(EventField.DeviceOs);
        context.Browser = values.Name(EventField.Browser);
        context.Country = Country(ref values);
        context.City = values.Name(EventField.City);
        context.Timezone = values.Name(EventField.Timezone);
        context.SubscriptionTier = values.Word<SubscriptionTier>(EventField.SubscriptionTier);
        context.UserSegment = values.Word<UserSegment>(EventField.UserSegment);
        context.Article = Article(ref values);
        context.ExtraJson = (present & ~own) == 0 && _unknown.Count == 0 ? null : Extra(utf8, present & ~own);

        MediaEvent made = type switch
        {
            EventType.ArticleImpression => new ArticleImpression
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                Position = values.Count(EventField.Position),
                Surface = values.Word<Surface>(EventField.Surface),
                DecisionId = values.Text(EventField.DecisionId),
            },
            EventType.ArticleClick => new ArticleClick
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                Position = values.Count(EventField.Position),
                Surface = values.Word<Surface>(EventField.Surface),
                DecisionId = values.Text(EventField.DecisionId),
            },
            EventType.ArticleView => new ArticleView
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                ScrollDepth = values.Real(EventField.ScrollDepth, max: 100),
                TimeOnPageMs = values.Whole(EventField.TimeOnPageMs, long.MaxValue),
                ReadProgress = values.Real(EventField.ReadProgress, max: 100),
                IsComplete = values.Flag(EventField.IsComplete),
            },
            EventType.VideoPlay => new VideoPlay
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                VideoId = values.NonEmpty(EventField.VideoId, values.Id(EventField.VideoId)),
                VideoDurationS = values.Real(EventField.VideoDurationS),
                WatchedS = values.Real(EventField.WatchedS),
                IsComplete = values.Flag(EventField.IsComplete),
                PlaybackRate = values.Positive(EventField.PlaybackRate),
            },
            EventType.AdImpression => new AdImpression
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                AdSlot = values.Word<AdSlot>(EventField.AdSlot),
                AdCategory = values.Name(EventField.AdCategory),
                DecisionId = values.Text(EventField.DecisionId),
                Propensity = values.Positive(EventField.Propensity, max: 1),
            },
            EventType.AdClick => new AdClick
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                AdSlot = values.Word<AdSlot>(EventField.AdSlot),
                AdCategory = values.Name(EventField.AdCategory),
                RevenueUsd = values.Real(EventField.RevenueUsd),
                DecisionId = values.Text(EventField.DecisionId),
            },
            EventType.Search => new Search
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                Query = values.Text(EventField.Query),
                ResultsCount = values.Count(EventField.ResultsCount),
                ClickedResult = values.Flag(EventField.ClickedResult),
            },
            EventType.Navigation => new Navigation
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                ToPage = values.Id(EventField.ToPage),
            },
            EventType.Reaction => new Reaction
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                Kind = values.Word<ReactionKind>(EventField.Kind),
            },
            EventType.SubscriptionPrompt => new SubscriptionPrompt
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                PromptType = values.Word<PromptType>(EventField.PromptType),
            },
            EventType.NewsletterSignup => new NewsletterSignup
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                NewsletterType = values.Word<NewsletterType>(EventField.NewsletterType),
            },
            EventType.SubscriptionStart => new SubscriptionStart
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                Tier = values.Word<SubscriptionTier>(EventField.Tier),
            },
            EventType.SessionEnd => new SessionEnd
            {
                EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Context = context,
                TotalDurationS = values.Real(EventField.TotalDurationS),
                TotalEvents = values.Count(EventField.TotalEvents),
            },
            _ => throw new InvalidOperationException($"The reader does not know how to make a {type}."),
        };
        return values.Fault is null ? made : null;
    }

    private static long Time(ref FieldValues values, DateTimeOffset receivedAt)
    {
        var time = values.Time(EventField.EventTime) ?? 0;
        var arrival = (receivedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        if (time < EarliestMicros) values.Fail(BadEventReason.OutOfRange, EventField.EventTime);
        else if (time > arrival + MicrosAhead) values.Fail(BadEventReason.TimeInFuture, EventField.EventTime);
        return time;
    }

    private static UserId User(ref FieldValues values)
    {
        var user = values.Id(EventField.UserId) ?? "";
        if (user.Length is 0 or > Events.UserId.MaxLength) values.Fail(BadEventReason.OutOfRange, EventField.UserId);
        return new UserId(user);
    }

    private static string? Country(ref FieldValues values)
    {
        var country = values.Name(EventField.Country);
        if (country is not (null or [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])) values.Fail(BadEventReason.OutOfRange, EventField.Country);
        return country;
    }

    private Article? Article(ref FieldValues values)
    {
        if (!values.Has(EventField.ArticleId)) return null;
        var id = values.NonEmpty(EventField.ArticleId, values.Id(EventField.ArticleId)) ?? "";
        var published = values.Time(EventField.PublishedAt);
        var words = values.Count(EventField.WordCount);
        ref var known = ref _articles[(uint)RuntimeHelpers.GetHashCode(id) % (uint)_articles.Length];
        if (known is not null && (object)known.ArticleId == id && known.PublishedAtMicros == published && known.WordCount == words
            && values.Is(EventField.Category, known.Category) && values.Is(EventField.ArticleTitle, known.Title) && values.Is(EventField.ArticleType, known.Type)) return known;
        var category = values.NonEmpty(EventField.Category, values.Name(EventField.Category));
        return known = new Article(id, category, values.Text(EventField.ArticleTitle), values.Name(EventField.ArticleType), published, words);
    }

    /// <summary>The fields in the set, then the unknown ones in their order, as they stood in the record.</summary>
    private string Extra(ReadOnlySpan<byte> utf8, ulong foreign)
    {
        var json = new StringBuilder("{");
        for (var field = 0; field < _slots.Length; field++)
            if ((foreign >> field & 1) != 0) Add(utf8, _slots[field]);
        foreach (var slot in _unknown) Add(utf8, slot);
        return json.Append('}').ToString();

        void Add(ReadOnlySpan<byte> bytes, FieldSlot slot)
        {
            if (json.Length > 1) json.Append(',');
            json.Append(Encoding.UTF8.GetString(bytes[slot.NameStart..slot.End]));
        }
    }
}
