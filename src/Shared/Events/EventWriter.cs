using System.Buffers;
using System.Text.Json;

namespace Media.Events;

/// <summary>Writes an event as its JSON: what <see cref="EventReader"/> reads back as an equal event.</summary>
/// <remarks>
/// One object in UTF-8 without spaces; the contract's names; absent fields left out; event_time with as few decimals as keep it;
/// numbers in the shortest form that reads back exactly; the fields of ExtraJson last, verbatim. Thread-safe.
/// </remarks>
public static class EventWriter
{
    /// <exception cref="ArgumentException">A number is not finite, which JSON cannot hold; or ExtraJson is not the text of one JSON object.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time lies outside the years 1–9999.</exception>
    public static void Write(MediaEvent mediaEvent, IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(mediaEvent);
        var json = new JsonObjectWriter(to);
        json.Id("{\"event_id\":"u8, mediaEvent.EventId.Value);
        json.Word(",\"event_type\":"u8, Vocabulary<EventType>.NameUtf8(mediaEvent.EventType));
        json.Time(",\"event_time\":"u8, mediaEvent.EventTimeMicros);
        json.Text(",\"user_id\":"u8, mediaEvent.UserId.Value);
        json.Text(",\"client_session_id\":"u8, mediaEvent.ClientSessionId);
        json.Text(",\"brand\":"u8, mediaEvent.Brand);
        json.Text(",\"page_url\":"u8, mediaEvent.PageUrl);
        json.Word(",\"referrer\":"u8, mediaEvent.Referrer);
        json.Word(",\"device_type\":"u8, mediaEvent.DeviceType);
        json.Text(",\"device_os\":"u8, mediaEvent.DeviceOs);
        json.Text(",\"browser\":"u8, mediaEvent.Browser);
        json.Text(",\"country\":"u8, mediaEvent.Country);
        json.Text(",\"city\":"u8, mediaEvent.City);
        json.Text(",\"timezone\":"u8, mediaEvent.Timezone);
        json.Word(",\"subscription_tier\":"u8, mediaEvent.SubscriptionTier);
        json.Word(",\"user_segment\":"u8, mediaEvent.UserSegment);
        json.Whole(",\"schema_version\":"u8, mediaEvent.SchemaVersion);
        if (mediaEvent.Article is { } article)
        {
            json.Text(",\"article_id\":"u8, article.ArticleId);
            json.Text(",\"category\":"u8, article.Category);
            json.Text(",\"article_title\":"u8, article.Title);
            json.Text(",\"article_type\":"u8, article.Type);
            json.Time(",\"published_at\":"u8, article.PublishedAtMicros);
            json.Whole(",\"word_count\":"u8, article.WordCount);
        }
        WriteOwn(mediaEvent, ref json);
        if (mediaEvent.ExtraJson is { } extra) json.Raw(InsideOf(extra));
        json.End();
    }

    private static void WriteOwn(MediaEvent mediaEvent, ref JsonObjectWriter json)
    {
        switch (mediaEvent)
        {
            case ArticleImpression e:
                json.Whole(",\"position\":"u8, e.Position);
                json.Word(",\"surface\":"u8, e.Surface);
                json.Text(",\"decision_id\":"u8, e.DecisionId);
                break;
            case ArticleClick e:
                json.Whole(",\"position\":"u8, e.Position);
                json.Word(",\"surface\":"u8, e.Surface);
                json.Text(",\"decision_id\":"u8, e.DecisionId);
                break;
            case ArticleView e:
                json.Real(",\"scroll_depth\":"u8, e.ScrollDepth);
                json.Whole(",\"time_on_page_ms\":"u8, e.TimeOnPageMs);
                json.Real(",\"read_progress\":"u8, e.ReadProgress);
                json.Flag(",\"is_complete\":"u8, e.IsComplete);
                break;
            case VideoPlay e:
                json.Text(",\"video_id\":"u8, e.VideoId);
                json.Real(",\"video_duration_s\":"u8, e.VideoDurationS);
                json.Real(",\"watched_s\":"u8, e.WatchedS);
                json.Flag(",\"is_complete\":"u8, e.IsComplete);
                json.Real(",\"playback_rate\":"u8, e.PlaybackRate);
                break;
            case AdImpression e:
                json.Word(",\"ad_slot\":"u8, e.AdSlot);
                json.Text(",\"ad_category\":"u8, e.AdCategory);
                json.Text(",\"decision_id\":"u8, e.DecisionId);
                json.Real(",\"propensity\":"u8, e.Propensity);
                break;
            case AdClick e:
                json.Word(",\"ad_slot\":"u8, e.AdSlot);
                json.Text(",\"ad_category\":"u8, e.AdCategory);
                json.Real(",\"revenue_usd\":"u8, e.RevenueUsd);
                json.Text(",\"decision_id\":"u8, e.DecisionId);
                break;
            case Search e:
                json.Text(",\"query\":"u8, e.Query);
                json.Whole(",\"results_count\":"u8, e.ResultsCount);
                json.Flag(",\"clicked_result\":"u8, e.ClickedResult);
                break;
            case Navigation e:
                json.Text(",\"to_page\":"u8, e.ToPage);
                break;
            case Reaction e:
                json.Word(",\"kind\":"u8, e.Kind);
                break;
            case SubscriptionPrompt e:
                json.Word(",\"prompt_type\":"u8, e.PromptType);
                break;
            case NewsletterSignup e:
                json.Word(",\"newsletter_type\":"u8, e.NewsletterType);
                break;
            case SubscriptionStart e:
                json.Word(",\"tier\":"u8, e.Tier);
                break;
            case SessionEnd e:
                json.Real(",\"total_duration_s\":"u8, e.TotalDurationS);
                json.Whole(",\"total_events\":"u8, e.TotalEvents);
                break;
            default:
                throw new ArgumentException($"The writer does not know the event type {mediaEvent.GetType().Name}.", nameof(mediaEvent));
        }
    }

    /// <summary>What stands between the braces of a JSON object.</summary>
    private static ReadOnlySpan<char> InsideOf(string extraJson)
    {
        try
        {
            using var parsed = JsonDocument.Parse(extraJson);
            if (parsed.RootElement.ValueKind is JsonValueKind.Object) return extraJson.AsSpan().Trim()[1..^1].Trim();
        }
        catch (JsonException fault)
        {
            throw new ArgumentException($"ExtraJson is not JSON: {fault.Message}", nameof(extraJson), fault);
        }
        throw new ArgumentException($"ExtraJson is not a JSON object: {extraJson}", nameof(extraJson));
    }
}
