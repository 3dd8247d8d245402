using System.Buffers;
using System.Text;
using Media.Events;

namespace Media.Tests.Events;

public class EventWriterTests
{
    private static readonly Reaction Like = new()
    {
        EventId = new EventId(Guid.Parse("01935a2c-1111-7abc-8def-0123456789ab")), EventTimeMicros = 1_790_843_400_123_456, UserId = new UserId("u\"1"),
        SchemaVersion = SchemaVersions.Live, Brand = "welt", DeviceType = DeviceType.SmartTv, SubscriptionTier = SubscriptionTier.Free, Kind = ReactionKind.Like,
        Article = new Article("a1", "politics", "Größe", "news", 1_790_843_400_120_000, 7), ExtraJson = "{ \"x\":1.0 }",
    };

    [Fact]
    public void Event_IsTheContractsJson() => Assert.Equal("""
        {"event_id":"01935a2c-1111-7abc-8def-0123456789ab","event_type":"reaction","event_time":"2026-10-01T08:30:00.123456Z","user_id":"u\"1","brand":"welt",
        "device_type":"smart_tv","subscription_tier":"free","schema_version":1,"article_id":"a1","category":"politics","article_title":"Größe",
        "article_type":"news","published_at":"2026-10-01T08:30:00.120Z","word_count":7,"kind":"like","x":1.0}
        """.ReplaceLineEndings(""), Write(Like));

    [Fact]
    public void NotFiniteNumber_IsRefusedByName()
    {
        var click = new AdClick { EventId = Like.EventId, EventTimeMicros = Like.EventTimeMicros, UserId = Like.UserId, SchemaVersion = 1, RevenueUsd = double.NaN };
        Assert.Contains("revenue_usd", Assert.Throws<ArgumentException>(() => Write(click)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"a\":1}}")]
    public void ExtraJsonThatIsNoObject_IsRefused(string extra) => Assert.Throws<ArgumentException>(() => Write(Like with { ExtraJson = extra }));

    [Fact]
    public void EmptyExtraJson_AddsNothing() => Assert.EndsWith("\"kind\":\"like\"}", Write(Like with { ExtraJson = " {} " }), StringComparison.Ordinal);

    [Fact]
    public void TextLongerThanTheBuffersRoom_IsWhole()
    {
        var title = string.Concat(Enumerable.Repeat("ü\u0001", 5000));
        Assert.True(new EventReader().TryRead(Encoding.UTF8.GetBytes(Write(Like with { PageUrl = title })), EventGen.ReceivedAt, 0, 0, out var read, out _));
        Assert.Equal(title, read.PageUrl);
    }

    private static string Write(MediaEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        EventWriter.Write(e, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
