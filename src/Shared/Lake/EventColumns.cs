using Apache.Arrow;
using Media.Events;
using Media.Streaming;

namespace Media.Lake;

/// <summary>An event as the lake keeps it.</summary>
/// <param name="IsLate">It came later than the allowed lateness, so it is in no session.</param>
public readonly record struct StoredEvent(ConsumedEvent Consumed, bool IsLate);

/// <summary>Events as rows of <see cref="Tables.Events"/> and back. Pure, thread-safe.</summary>
public static class EventColumns
{
    /// <param name="late">One per event; empty when none is late.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static RecordBatch From(IReadOnlyList<ConsumedEvent> events, ReadOnlySpan<bool> late)
    {
        if (late.Length != 0 && late.Length != events.Count) throw new ArgumentException($"late has {late.Length} flags but there are {events.Count} events.", nameof(late));
        var batch = new BatchWriter(Tables.Events, events.Count);
        var envelope = new EnvelopeWriter(batch);
        var own = new OwnWriter(batch);
        for (var row = 0; row < events.Count; row++)
        {
            envelope.Set(row, events[row], !late.IsEmpty && late[row]);
            own.Set(row, events[row].Event);
        }
        return batch.Build();
    }

    /// <summary>The rows as events, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of events.</exception>
    public static StoredEvent[] Read(RecordBatch batch)
    {
        var events = new StoredEvent[batch.Length];
        var reader = new RowReader(new BatchReader(batch));
        for (var row = 0; row < events.Length; row++) events[row] = reader.Read(row);
        return events;
    }

    /// <summary>What every event has.</summary>
    private sealed class EnvelopeWriter(BatchWriter batch)
    {
        private readonly TextWriter _eventId = batch.Text("event_id"), _eventType = batch.Text("event_type"), _userId = batch.Text("user_id"),
            _clientSessionId = batch.Text("client_session_id"), _brand = batch.Text("brand"), _pageUrl = batch.Text("page_url"), _referrer = batch.Text("referrer"),
            _deviceType = batch.Text("device_type"), _deviceOs = batch.Text("device_os"), _browser = batch.Text("browser"), _country = batch.Text("country"),
            _city = batch.Text("city"), _timezone = batch.Text("timezone"), _tier = batch.Text("subscription_tier"), _segment = batch.Text("user_segment"),
            _articleId = batch.Text("article_id"), _category = batch.Text("category"), _title = batch.Text("article_title"), _articleType = batch.Text("article_type"),
            _extra = batch.Text("extra_json");
        private readonly ValueWriter<long> _eventTime = batch.Longs("event_time"), _publishedAt = batch.Longs("published_at"), _offset = batch.Longs("kafka_offset");
        private readonly ValueWriter<int> _schemaVersion = batch.Integers("schema_version"), _wordCount = batch.Integers("word_count"),
            _partition = batch.Integers("kafka_partition"), _date = batch.Integers("event_date");
        private readonly FlagWriter _late = batch.Flags("is_late");

        public void Set(int row, ConsumedEvent consumed, bool late)
        {
            var e = consumed.Event;
            _eventId.Set(row, e.EventId.Value);
            _eventType.Set<EventType>(row, e.EventType);
            _eventTime.Set(row, e.EventTimeMicros);
            _userId.Set(row, e.UserId.Value);
            _clientSessionId.Set(row, e.ClientSessionId);
            _brand.Set(row, e.Brand);
            _pageUrl.Set(row, e.PageUrl);
            _referrer.Set(row, e.Referrer);
            _deviceType.Set(row, e.DeviceType);
            _deviceOs.Set(row, e.DeviceOs);
            _browser.Set(row, e.Browser);
            _country.Set(row, e.Country);
            _city.Set(row, e.City);
            _timezone.Set(row, e.Timezone);
            _tier.Set(row, e.SubscriptionTier);
            _segment.Set(row, e.UserSegment);
            _schemaVersion.Set(row, e.SchemaVersion);
            _extra.Set(row, e.ExtraJson);
            if (e.Article is { } article)
            {
                _articleId.Set(row, article.ArticleId);
                _category.Set(row, article.Category);
                _title.Set(row, article.Title);
                _articleType.Set(row, article.Type);
                _publishedAt.Set(row, article.PublishedAtMicros);
                _wordCount.Set(row, article.WordCount);
            }
            _partition.Set(row, consumed.Partition);
            _offset.Set(row, consumed.Offset);
            _late.Set(row, late);
            _date.Set(row, EpochDays.Of(e.EventTimeMicros));
        }
    }

    /// <summary>What only some types of event have.</summary>
    private sealed class OwnWriter(BatchWriter batch)
    {
        private readonly TextWriter _surface = batch.Text("surface"), _decisionId = batch.Text("decision_id"), _videoId = batch.Text("video_id"), _adSlot = batch.Text("ad_slot"),
            _adCategory = batch.Text("ad_category"), _query = batch.Text("query"), _toPage = batch.Text("to_page"), _kind = batch.Text("kind"),
            _promptType = batch.Text("prompt_type"), _newsletterType = batch.Text("newsletter_type"), _tier = batch.Text("tier");
        private readonly ValueWriter<int> _position = batch.Integers("position"), _results = batch.Integers("results_count"), _totalEvents = batch.Integers("total_events");
        private readonly ValueWriter<long> _timeOnPage = batch.Longs("time_on_page_ms");
        private readonly ValueWriter<double> _scrollDepth = batch.Doubles("scroll_depth"), _readProgress = batch.Doubles("read_progress"),
            _videoDuration = batch.Doubles("video_duration_s"), _watched = batch.Doubles("watched_s"), _playbackRate = batch.Doubles("playback_rate"),
            _propensity = batch.Doubles("propensity"), _revenue = batch.Doubles("revenue_usd"), _totalDuration = batch.Doubles("total_duration_s");
        private readonly FlagWriter _complete = batch.Flags("is_complete"), _clicked = batch.Flags("clicked_result");

        public void Set(int row, MediaEvent any)
        {
            switch (any)
            {
                case ArticleImpression e:
                    _position.Set(row, e.Position);
                    _surface.Set(row, e.Surface);
                    _decisionId.Set(row, e.DecisionId);
                    break;
                case ArticleClick e:
                    _position.Set(row, e.Position);
                    _surface.Set(row, e.Surface);
                    _decisionId.Set(row, e.DecisionId);
                    break;
                case ArticleView e:
                    _scrollDepth.Set(row, e.ScrollDepth);
                    _timeOnPage.Set(row, e.TimeOnPageMs);
                    _readProgress.Set(row, e.ReadProgress);
                    _complete.Set(row, e.IsComplete);
                    break;
                case VideoPlay e:
                    _videoId.Set(row, e.VideoId);
                    _videoDuration.Set(row, e.VideoDurationS);
                    _watched.Set(row, e.WatchedS);
                    _complete.Set(row, e.IsComplete);
                    _playbackRate.Set(row, e.PlaybackRate);
                    break;
                case AdImpression e:
                    _adSlot.Set(row, e.AdSlot);
                    _adCategory.Set(row, e.AdCategory);
                    _decisionId.Set(row, e.DecisionId);
                    _propensity.Set(row, e.Propensity);
                    break;
                case AdClick e:
                    _adSlot.Set(row, e.AdSlot);
                    _adCategory.Set(row, e.AdCategory);
                    _revenue.Set(row, e.RevenueUsd);
                    _decisionId.Set(row, e.DecisionId);
                    break;
                case Search e:
                    _query.Set(row, e.Query);
                    _results.Set(row, e.ResultsCount);
                    _clicked.Set(row, e.ClickedResult);
                    break;
                case Navigation e:
                    _toPage.Set(row, e.ToPage);
                    break;
                case Reaction e:
                    _kind.Set(row, e.Kind);
                    break;
                case SubscriptionPrompt e:
                    _promptType.Set(row, e.PromptType);
                    break;
                case NewsletterSignup e:
                    _newsletterType.Set(row, e.NewsletterType);
                    break;
                case SubscriptionStart e:
                    _tier.Set(row, e.Tier);
                    break;
                case SessionEnd e:
                    _totalDuration.Set(row, e.TotalDurationS);
                    _totalEvents.Set(row, e.TotalEvents);
                    break;
                default:
                    throw new ArgumentException($"Event type {any.GetType().Name} has no columns.", nameof(any));
            }
        }
    }

    private sealed class RowReader(BatchReader batch)
    {
        private readonly TextReader _eventId = batch.Text("event_id"), _eventType = batch.Text("event_type"), _userId = batch.Text("user_id"),
            _clientSessionId = batch.Text("client_session_id"), _brand = batch.Text("brand"), _pageUrl = batch.Text("page_url"), _referrer = batch.Text("referrer"),
            _deviceType = batch.Text("device_type"), _deviceOs = batch.Text("device_os"), _browser = batch.Text("browser"), _country = batch.Text("country"),
            _city = batch.Text("city"), _timezone = batch.Text("timezone"), _subscription = batch.Text("subscription_tier"), _segment = batch.Text("user_segment"),
            _articleId = batch.Text("article_id"), _category = batch.Text("category"), _title = batch.Text("article_title"), _articleType = batch.Text("article_type"),
            _extra = batch.Text("extra_json"), _surface = batch.Text("surface"), _decisionId = batch.Text("decision_id"), _videoId = batch.Text("video_id"),
            _adSlot = batch.Text("ad_slot"), _adCategory = batch.Text("ad_category"), _query = batch.Text("query"), _toPage = batch.Text("to_page"),
            _kind = batch.Text("kind"), _promptType = batch.Text("prompt_type"), _newsletterType = batch.Text("newsletter_type"), _tier = batch.Text("tier");
        private readonly ValueReader<long> _eventTime = batch.Times("event_time"), _publishedAt = batch.Times("published_at");
        private readonly ValueReader<long> _offset = batch.Longs("kafka_offset"), _timeOnPage = batch.Longs("time_on_page_ms");
        private readonly ValueReader<int> _schemaVersion = batch.Integers("schema_version"), _wordCount = batch.Integers("word_count"), _partition = batch.Integers("kafka_partition"),
            _position = batch.Integers("position"), _results = batch.Integers("results_count"), _totalEvents = batch.Integers("total_events");
        private readonly ValueReader<double> _scrollDepth = batch.Doubles("scroll_depth"), _readProgress = batch.Doubles("read_progress"), _videoDuration = batch.Doubles("video_duration_s"),
            _watched = batch.Doubles("watched_s"), _playbackRate = batch.Doubles("playback_rate"), _propensity = batch.Doubles("propensity"),
            _revenue = batch.Doubles("revenue_usd"), _totalDuration = batch.Doubles("total_duration_s");
        private readonly FlagReader _complete = batch.Flags("is_complete"), _clicked = batch.Flags("clicked_result"), _late = batch.Flags("is_late");

        public StoredEvent Read(int row)
        {
            var e = Event(row) with
            {
                ClientSessionId = _clientSessionId[row],
                Brand = _brand[row],
                PageUrl = _pageUrl[row],
                Referrer = _referrer.Word<Referrer>(row),
                DeviceType = _deviceType.Word<DeviceType>(row),
                DeviceOs = _deviceOs[row],
                Browser = _browser[row],
                Country = _country[row],
                City = _city[row],
                Timezone = _timezone[row],
                SubscriptionTier = _subscription.Word<SubscriptionTier>(row),
                UserSegment = _segment.Word<UserSegment>(row),
                ExtraJson = _extra[row],
                Article = _articleId[row] is { } id
                    ? new Article(id, _category[row], _title[row], _articleType[row], _publishedAt[row], _wordCount[row]) : null,
            };
            return new StoredEvent(new ConsumedEvent(e, _partition.Need(row), _offset.Need(row)), _late[row] ?? false);
        }

        private MediaEvent Event(int row)
        {
            var (id, time, user, version) = (new EventId(_eventId.NeedGuid(row)), _eventTime.Need(row), new UserId(_userId.Need(row)), _schemaVersion.Need(row));
            return _eventType.NeedWord<EventType>(row) switch
            {
                EventType.ArticleImpression => new ArticleImpression
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    Position = _position[row], Surface = _surface.Word<Surface>(row), DecisionId = _decisionId[row],
                },
                EventType.ArticleClick => new ArticleClick
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    Position = _position[row], Surface = _surface.Word<Surface>(row), DecisionId = _decisionId[row],
                },
                EventType.ArticleView => new ArticleView
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    ScrollDepth = _scrollDepth[row], TimeOnPageMs = _timeOnPage[row], ReadProgress = _readProgress[row],
                    IsComplete = _complete[row],
                },
                EventType.VideoPlay => new VideoPlay
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    VideoId = _videoId[row], VideoDurationS = _videoDuration[row], WatchedS = _watched[row],
                    IsComplete = _complete[row], PlaybackRate = _playbackRate[row],
                },
                EventType.AdImpression => new AdImpression
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    AdSlot = _adSlot.Word<AdSlot>(row), AdCategory = _adCategory[row], DecisionId = _decisionId[row], Propensity = _propensity[row],
                },
                EventType.AdClick => new AdClick
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    AdSlot = _adSlot.Word<AdSlot>(row), AdCategory = _adCategory[row], RevenueUsd = _revenue[row], DecisionId = _decisionId[row],
                },
                EventType.Search => new Search
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    Query = _query[row], ResultsCount = _results[row], ClickedResult = _clicked[row],
                },
                EventType.Navigation => new Navigation { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, ToPage = _toPage[row] },
                EventType.Reaction => new Reaction { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Kind = _kind.Word<ReactionKind>(row) },
                EventType.SubscriptionPrompt => new SubscriptionPrompt
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, PromptType = _promptType.Word<PromptType>(row),
                },
                EventType.NewsletterSignup => new NewsletterSignup
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, NewsletterType = _newsletterType.Word<NewsletterType>(row),
                },
                EventType.SubscriptionStart => new SubscriptionStart
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Tier = _tier.Word<SubscriptionTier>(row),
                },
                EventType.SessionEnd => new SessionEnd
                {
                    EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version,
                    TotalDurationS = _totalDuration[row], TotalEvents = _totalEvents[row],
                },
                var other => throw new InvalidDataException($"Event type {other} has no columns."),
            };
        }
    }
}
