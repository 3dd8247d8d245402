using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Media.Events;

namespace Media.Tests.Events;

public class EventReaderTests
{
    private const string Envelope = """
        "event_id":"01935a2c-1111-7abc-8def-0123456789ab","event_time":"2026-10-01T08:30:00.123456Z","user_id":"u1","brand":"welt",
        "device_type":"mobile","subscription_tier":"free","schema_version":1
        """;

    private const string ArticleBlock = "\"article_id\":\"a1\",\"category\":\"politics\",\"article_title\":\"T\",\"article_type\":\"news\"";
    private const string View = "\"event_type\":\"article_view\",\"scroll_depth\":50,\"time_on_page_ms\":1200,\"read_progress\":40.5,\"is_complete\":false";
    private const string ValidView = "{" + Envelope + "," + ArticleBlock + "," + View + "}";

    private readonly EventReader _reader = new();

    [Fact]
    public void EveryType_WrittenAndRead_IsEqual()
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var type in EventGen.EachType)
            type.Sample(e => Assert.Equal(e, ReadGood(Write(e, buffer))), seed: "0000000000001", iter: 300, threads: 1);
    }

    [Fact]
    public void EveryType_ReadByTheSourceGenerator_HasTheSameValues()
    {
        var buffer = new ArrayBufferWriter<byte>();
        EventGen.Any.Sample(e =>
        {
            var theirs = JsonSerializer.Deserialize(Write(e, buffer), JsonEventContext.Default.JsonEvent);
            var ours = JsonEvent.From(ReadGood(buffer.WrittenSpan));
            Assert.Equal(JsonSerializer.Serialize(theirs, JsonEventContext.Default.JsonEvent), JsonSerializer.Serialize(ours, JsonEventContext.Default.JsonEvent));
        }, seed: "0000000000002", iter: 3000, threads: 1);
    }

    [Fact]
    public void WrittenByTheSourceGenerator_IsReadEqual()
    {
        EventGen.Any.Sample(e => Assert.Equal(e with { ExtraJson = null }, ReadGood(JsonSerializer.SerializeToUtf8Bytes(JsonEvent.From(e with { ExtraJson = null }), JsonEventContext.Default.JsonEvent))),
            seed: "0000000000003", iter: 3000, threads: 1);
    }

    [Fact]
    public void FieldsInAnyOrder_AreReadEqual()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var random = new Random(4);
        EventGen.Any.Sample(e =>
        {
            var fields = JsonNode.Parse(Write(e, buffer))!.AsObject().ToArray();
            random.Shuffle(fields);
            var shuffled = new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
            Assert.Equal(e with { ExtraJson = null }, ReadGood(Encoding.UTF8.GetBytes(shuffled.ToJsonString())) with { ExtraJson = null });
        }, seed: "0000000000004", iter: 1000, threads: 1);
    }

    [Theory]
    [InlineData("", BadEventReason.Undecodable, null)]
    [InlineData("   ", BadEventReason.Undecodable, null)]
    [InlineData("null", BadEventReason.Undecodable, null)]
    [InlineData("[]", BadEventReason.Undecodable, null)]
    [InlineData("[{}]", BadEventReason.Undecodable, null)]
    [InlineData("\"text\"", BadEventReason.Undecodable, null)]
    [InlineData("{} {}", BadEventReason.Undecodable, null)]
    [InlineData("{}x", BadEventReason.Undecodable, null)]
    [InlineData("\uFEFF{}", BadEventReason.Undecodable, null)]
    [InlineData("{'a':1}", BadEventReason.Undecodable, null)]
    [InlineData("{\"a\":1,}", BadEventReason.Undecodable, null)]
    [InlineData("{\"a\":NaN}", BadEventReason.Undecodable, null)]
    [InlineData("{\"a\":01}", BadEventReason.Undecodable, null)]
    [InlineData("{\"a\":\"\\x\"}", BadEventReason.Undecodable, null)]
    [InlineData("{\"\\ud800\":1}", BadEventReason.Undecodable, null)]
    [InlineData("{}", BadEventReason.MissingField, "event_type")]
    public void NotOneObject_IsBad(string json, BadEventReason reason, string? field) => AssertBad(Encoding.UTF8.GetBytes(json), reason, field);

    [Theory]
    [InlineData("event_id", BadEventReason.MissingField)]
    [InlineData("event_type", BadEventReason.MissingField)]
    [InlineData("event_time", BadEventReason.MissingField)]
    [InlineData("user_id", BadEventReason.MissingField)]
    [InlineData("schema_version", BadEventReason.MissingField)]
    [InlineData("brand", BadEventReason.MissingField)]
    [InlineData("device_type", BadEventReason.MissingField)]
    [InlineData("subscription_tier", BadEventReason.MissingField)]
    [InlineData("article_id", BadEventReason.MissingField)]
    [InlineData("category", BadEventReason.MissingField)]
    [InlineData("article_title", BadEventReason.MissingField)]
    [InlineData("article_type", BadEventReason.MissingField)]
    [InlineData("scroll_depth", BadEventReason.MissingField)]
    [InlineData("time_on_page_ms", BadEventReason.MissingField)]
    [InlineData("read_progress", BadEventReason.MissingField)]
    [InlineData("is_complete", BadEventReason.MissingField)]
    public void RequiredFieldAbsentOrNull_IsBad(string field, BadEventReason reason)
    {
        AssertBad(With(field, null, remove: true), reason, field);
        AssertBad(With(field, "null"), reason, field);
    }

    [Theory]
    [InlineData("event_id", "7", BadEventReason.WrongType)]
    [InlineData("event_id", "\"not-a-uuid\"", BadEventReason.WrongType)]
    [InlineData("event_id", "\"{01935a2c-1111-7abc-8def-0123456789a}\"", BadEventReason.WrongType)]
    [InlineData("event_id", "\"00000000-0000-0000-0000-000000000000\"", BadEventReason.OutOfRange)]
    [InlineData("event_type", "\"article_vjew\"", BadEventReason.UnknownEventType)]
    [InlineData("event_type", "\"ArticleView\"", BadEventReason.UnknownEventType)]
    [InlineData("event_type", "3", BadEventReason.WrongType)]
    [InlineData("event_time", "1790000000", BadEventReason.WrongType)]
    [InlineData("event_time", "\"yesterday\"", BadEventReason.WrongType)]
    [InlineData("event_time", "\"2026-10-01T08:30:00\"", BadEventReason.WrongType)]
    [InlineData("event_time", "\"2026-02-30T08:30:00Z\"", BadEventReason.WrongType)]
    [InlineData("event_time", "\"1970-01-01T00:00:00Z\"", BadEventReason.OutOfRange)]
    [InlineData("event_time", "\"2026-11-02T00:00:01Z\"", BadEventReason.TimeInFuture)]
    [InlineData("event_time", "\"9999-12-31T23:59:59Z\"", BadEventReason.TimeInFuture)]
    [InlineData("user_id", "\"\"", BadEventReason.OutOfRange)]
    [InlineData("user_id", "\"00000000001111111111222222222233333333334444444444555555555566666\"", BadEventReason.OutOfRange)]
    [InlineData("user_id", "17", BadEventReason.WrongType)]
    [InlineData("user_id", "{\"id\":1}", BadEventReason.WrongType)]
    [InlineData("user_id", "[\"u\"]", BadEventReason.WrongType)]
    [InlineData("user_id", "\"\\ud83d\"", BadEventReason.Undecodable)]
    [InlineData("schema_version", "\"1\"", BadEventReason.WrongType)]
    [InlineData("schema_version", "1.0", BadEventReason.WrongType)]
    [InlineData("schema_version", "-1", BadEventReason.OutOfRange)]
    [InlineData("brand", "\"\"", BadEventReason.OutOfRange)]
    [InlineData("brand", "true", BadEventReason.WrongType)]
    [InlineData("device_type", "\"fridge\"", BadEventReason.OutOfRange)]
    [InlineData("subscription_tier", "\"gold\"", BadEventReason.OutOfRange)]
    [InlineData("referrer", "\"altavista\"", BadEventReason.OutOfRange)]
    [InlineData("user_segment", "1", BadEventReason.WrongType)]
    [InlineData("country", "\"Germany\"", BadEventReason.OutOfRange)]
    [InlineData("country", "\"de\"", BadEventReason.OutOfRange)]
    [InlineData("article_id", "\"\"", BadEventReason.OutOfRange)]
    [InlineData("published_at", "\"soon\"", BadEventReason.WrongType)]
    [InlineData("word_count", "-3", BadEventReason.OutOfRange)]
    [InlineData("word_count", "2147483648", BadEventReason.OutOfRange)]
    [InlineData("scroll_depth", "100.1", BadEventReason.OutOfRange)]
    [InlineData("scroll_depth", "-0.5", BadEventReason.OutOfRange)]
    [InlineData("scroll_depth", "1e999", BadEventReason.OutOfRange)]
    [InlineData("scroll_depth", "\"50\"", BadEventReason.WrongType)]
    [InlineData("read_progress", "101", BadEventReason.OutOfRange)]
    [InlineData("time_on_page_ms", "-1", BadEventReason.OutOfRange)]
    [InlineData("time_on_page_ms", "99999999999999999999", BadEventReason.OutOfRange)]
    [InlineData("time_on_page_ms", "1e3", BadEventReason.WrongType)]
    [InlineData("is_complete", "0", BadEventReason.WrongType)]
    [InlineData("is_complete", "\"true\"", BadEventReason.WrongType)]
    public void FaultyValue_IsBadAndNamesTheField(string field, string value, BadEventReason reason) => AssertBad(With(field, value), reason, field);

    [Theory]
    [InlineData("ad_impression", "\"ad_slot\":\"header\",\"ad_category\":\"cars\",\"propensity\":0", BadEventReason.OutOfRange, "propensity")]
    [InlineData("ad_impression", "\"ad_slot\":\"header\",\"ad_category\":\"cars\",\"propensity\":1.01", BadEventReason.OutOfRange, "propensity")]
    [InlineData("ad_impression", "\"ad_slot\":\"roof\",\"ad_category\":\"cars\"", BadEventReason.OutOfRange, "ad_slot")]
    [InlineData("ad_click", "\"ad_slot\":\"header\",\"ad_category\":\"cars\",\"revenue_usd\":-0.01", BadEventReason.OutOfRange, "revenue_usd")]
    [InlineData("ad_click", "\"ad_slot\":\"header\",\"ad_category\":\"cars\"", BadEventReason.MissingField, "revenue_usd")]
    [InlineData("video_play", "\"video_id\":\"v\",\"video_duration_s\":10,\"watched_s\":-1,\"is_complete\":true,\"playback_rate\":1", BadEventReason.OutOfRange, "watched_s")]
    [InlineData("video_play", "\"video_id\":\"v\",\"video_duration_s\":10,\"watched_s\":1,\"is_complete\":true,\"playback_rate\":0", BadEventReason.OutOfRange, "playback_rate")]
    [InlineData("search", "\"query\":\"x\",\"results_count\":-1,\"clicked_result\":false", BadEventReason.OutOfRange, "results_count")]
    [InlineData("navigation", "\"to_page\":5", BadEventReason.WrongType, "to_page")]
    [InlineData("reaction", "\"kind\":\"wave\"", BadEventReason.OutOfRange, "kind")]
    [InlineData("subscription_prompt", "\"prompt_type\":\"popup\"", BadEventReason.OutOfRange, "prompt_type")]
    [InlineData("newsletter_signup", "\"newsletter_type\":\"yearly\"", BadEventReason.OutOfRange, "newsletter_type")]
    [InlineData("subscription_start", "\"tier\":\"gold\"", BadEventReason.OutOfRange, "tier")]
    [InlineData("session_end", "\"total_duration_s\":5,\"total_events\":-1", BadEventReason.OutOfRange, "total_events")]
    [InlineData("article_click", "\"position\":-1,\"surface\":\"home\"," + ArticleBlock, BadEventReason.OutOfRange, "position")]
    [InlineData("article_click", "\"position\":1,\"surface\":\"cellar\"," + ArticleBlock, BadEventReason.OutOfRange, "surface")]
    public void FaultyValueOfAType_IsBadAndNamesTheField(string type, string own, BadEventReason reason, string field) =>
        AssertBad(Encoding.UTF8.GetBytes($"{{{Envelope},\"event_type\":\"{type}\",{own}}}"), reason, field);

    [Fact]
    public void KnownFieldTwice_IsUndecodable() =>
        AssertBad(Encoding.UTF8.GetBytes(ValidView[..^1] + ",\"user_id\":\"other\"}"), BadEventReason.Undecodable, "user_id");

    [Fact]
    public void NameWithEscape_IsTheSameName() =>
        Assert.Equal(ReadGood(Encoding.UTF8.GetBytes(ValidView)), ReadGood(Encoding.UTF8.GetBytes(ValidView.Replace("user_id", "user\\u005fid", StringComparison.Ordinal))));

    [Fact]
    public void EscapedText_IsDecoded()
    {
        var read = ReadGood(With("article_title", "\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\""));
        Assert.Equal("a\"b\\c/d\b\f\n\r\té😀", read.Article!.Title);
    }

    [Fact]
    public void TextNotUtf8_IsUndecodable()
    {
        var bytes = Encoding.UTF8.GetBytes(ValidView);
        bytes[Array.IndexOf(bytes, (byte)'w')] = 0xC3; // "welt" → a lead byte without its follower
        AssertBad(bytes, BadEventReason.Undecodable, null);
    }

    [Fact]
    public void EveryTruncation_IsUndecodable()
    {
        var bytes = Encoding.UTF8.GetBytes(ValidView);
        for (var length = 0; length < bytes.Length; length++) AssertBad(bytes[..length], BadEventReason.Undecodable, null);
    }

    [Fact]
    public void LongerThanTheLimit_IsTooLarge()
    {
        AssertBad(With("page_url", $"\"{new string('x', 66_000)}\""), BadEventReason.TooLarge, null);
        var wide = new EventReader(new EventReaderOptions { MaxBytes = 128 * 1024 });
        Assert.True(wide.TryRead(With("page_url", $"\"{new string('x', 66_000)}\""), EventGen.ReceivedAt, 0, 0, out _, out _));
    }

    [Fact]
    public void DeeplyNested_IsUndecodable() =>
        AssertBad(With("other", new string('[', 5000) + new string(']', 5000)), BadEventReason.Undecodable, null);

    [Fact]
    public void UnknownFields_AreKeptVerbatimInTheirOrder()
    {
        var read = ReadGood(Encoding.UTF8.GetBytes(ValidView[..^1] + ",\"z\" : 1.50,\"a\":{\"k\":[null,\"\\u00e9\"]},\"n\":null}"));
        Assert.Equal("{\"z\" : 1.50,\"a\":{\"k\":[null,\"\\u00e9\"]},\"n\":null}", read.ExtraJson);
    }

    [Fact]
    public void FieldOfAnotherType_IsKeptAsExtraWhateverItsValue() =>
        Assert.Equal("{\"position\":\"left\"}", ReadGood(With("position", "\"left\"")).ExtraJson);

    [Fact]
    public void ArticleFieldsWithoutArticle_AreKeptAsExtra()
    {
        var read = ReadGood(Encoding.UTF8.GetBytes($"{{{Envelope},\"event_type\":\"navigation\",\"to_page\":\"/sport\",\"category\":\"sport\"}}"));
        Assert.Null(read.Article);
        Assert.Equal("{\"category\":\"sport\"}", read.ExtraJson);
    }

    [Fact]
    public void NewerSchemaVersion_IsReadAsLive()
    {
        Assert.Equal(9, ReadGood(With("schema_version", "9")).SchemaVersion);
        AssertBad(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(With("schema_version", "9")).Replace("\"brand\":\"welt\"", "\"brand\":null", StringComparison.Ordinal)), BadEventReason.MissingField, "brand");
    }

    [Fact]
    public void ArchiveEvent_NeedsOnlyItsIdentity()
    {
        const string Head = "\"event_id\":\"01935a2c-1111-7abc-8def-0123456789ab\",\"event_time\":\"2016-10-01T08:30:00Z\",\"user_id\":\"u1\",\"schema_version\":0";
        var view = Assert.IsType<ArticleView>(ReadGood(Encoding.UTF8.GetBytes($"{{{Head},\"event_type\":\"article_view\",\"article_id\":\"a\"}}")));
        Assert.Null(view.Brand);
        Assert.Null(view.ScrollDepth);
        Assert.IsType<Search>(ReadGood(Encoding.UTF8.GetBytes($"{{{Head},\"event_type\":\"search\"}}")));
        AssertBad(Encoding.UTF8.GetBytes($"{{{Head},\"event_type\":\"article_view\"}}"), BadEventReason.MissingField, "article_id");
    }

    [Fact]
    public void ReturningTexts_AreTheSameStrings()
    {
        var (a, b) = (ReadGood(Encoding.UTF8.GetBytes(ValidView)), ReadGood(Encoding.UTF8.GetBytes(ValidView)));
        Assert.Same(a.Brand, b.Brand);
        Assert.Same(a.UserId.Value, b.UserId.Value);
        Assert.Same(a.Article, b.Article);
    }

    [Fact]
    public void BadRecord_KeepsItsBytesAndPlace()
    {
        Assert.False(_reader.TryRead("garbage"u8, EventGen.ReceivedAt, 3, 77, out var good, out var bad));
        Assert.Null(good);
        Assert.Equal("garbage", Encoding.UTF8.GetString(bad.Raw.Span));
        Assert.Equal((3, 77L, EventGen.ReceivedAt), (bad.Partition, bad.Offset, bad.ReceivedAt));
    }

    /// <summary>Ten kinds of damage; the reader must agree with System.Text.Json on what is JSON, and account for every record.</summary>
    [Fact]
    public void HundredThousandDamagedRecords_AllAccountedFor()
    {
        var random = new Random(6);
        var buffer = new ArrayBufferWriter<byte>();
        var pool = new List<byte[]>();
        EventGen.Any.Sample(e => pool.Add(Write(e, buffer).ToArray()), seed: "0000000000006", iter: 1000, threads: 1);
        var (good, badCount) = (0, 0);
        var reasons = new Dictionary<BadEventReason, int>();
        for (var i = 0; i < 100_000; i++)
        {
            var record = Damage(pool[random.Next(pool.Count)], i % 10, random, pool);
            if (_reader.TryRead(record, EventGen.ReceivedAt, 0, i, out var read, out var bad))
            {
                good++;
                Assert.Equal(read, ReadGood(Write(read, buffer)));
            }
            else
            {
                badCount++;
                reasons[bad.Reason] = reasons.GetValueOrDefault(bad.Reason) + 1;
                Assert.True(bad.Raw.Span.SequenceEqual(record));
            }
        }
        Assert.Equal(100_000, good + badCount);
        Assert.True(good > 1000 && badCount > 50_000, $"good {good}, bad {badCount}");
        TestContext.Current.SendDiagnosticMessage($"good {good} + bad {badCount} = 100000; {string.Join(", ", reasons.Select(r => $"{r.Key} {r.Value}"))}");
    }

    private static byte[] Damage(byte[] record, int kind, Random random, List<byte[]> pool)
    {
        var copy = record.ToArray();
        var at = random.Next(copy.Length);
        switch (kind)
        {
            case 0: return copy[..at]; // cut
            case 1: copy[at] ^= (byte)(1 << random.Next(8)); return copy; // one bit
            case 2: random.NextBytes(copy.AsSpan(at, Math.Min(8, copy.Length - at))); return copy; // a burst
            case 3: return [.. copy, .. pool[random.Next(pool.Count)]]; // two records glued
            case 4: return [.. copy[..at], .. copy[Math.Min(copy.Length, at + random.Next(1, 20))..]]; // bytes lost
            case 5: return [.. copy[..at], .. copy[random.Next(at + 1)..]]; // bytes doubled
            case 6: // a field taken away
                var fields = JsonNode.Parse(copy)!.AsObject();
                fields.Remove(fields.ElementAt(random.Next(fields.Count)).Key);
                return Encoding.UTF8.GetBytes(fields.ToJsonString());
            case 7: // a value of another type
                var typed = JsonNode.Parse(copy)!.AsObject();
                typed[typed.ElementAt(random.Next(typed.Count)).Key] = random.Next(4) switch { 0 => JsonValue.Create(-1.5), 1 => "?", 2 => new JsonArray(), _ => null };
                return Encoding.UTF8.GetBytes(typed.ToJsonString());
            case 8: // Latin-1 instead of UTF-8
                return Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(copy).Replace('e', 'é'));
            default: // noise
                random.NextBytes(copy);
                return copy;
        }
    }

    private MediaEvent ReadGood(ReadOnlySpan<byte> json)
    {
        if (!_reader.TryRead(json, EventGen.ReceivedAt, 0, 0, out var good, out var bad)) Assert.Fail($"{bad.Reason} {bad.Field}: {Encoding.UTF8.GetString(json)}");
        return good;
    }

    private void AssertBad(byte[] json, BadEventReason reason, string? field)
    {
        Assert.False(_reader.TryRead(json, EventGen.ReceivedAt, 0, 0, out _, out var bad), Encoding.UTF8.GetString(json));
        Assert.Equal((reason, field), (bad.Reason, bad.Field));
    }

    /// <summary>A valid article_view with one field set to this JSON, or taken away.</summary>
    private static byte[] With(string field, string? json, bool remove = false)
    {
        using var valid = JsonDocument.Parse(ValidView);
        var fields = valid.RootElement.EnumerateObject().Where(f => f.Name != field).Select(f => $"\"{f.Name}\":{f.Value.GetRawText()}").ToList();
        if (!remove) fields.Add($"\"{field}\":{json}");
        return Encoding.UTF8.GetBytes($"{{{string.Join(',', fields)}}}");
    }

    private static ReadOnlySpan<byte> Write(MediaEvent e, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        EventWriter.Write(e, buffer);
        return buffer.WrittenSpan;
    }
}
