using System.Globalization;
using System.Text;
using CsCheck;
using Media.Events;

namespace Media.Tests.Events;

public class IsoTimeTests
{
    [Theory]
    [InlineData("2026-03-01T08:30:00Z", 1_772_353_800_000_000)]
    [InlineData("2026-03-01T08:30:00.1Z", 1_772_353_800_100_000)]
    [InlineData("2026-03-01T08:30:00.123456789Z", 1_772_353_800_123_456)]
    [InlineData("2026-03-01T10:30:00+02:00", 1_772_353_800_000_000)]
    [InlineData("2026-03-01T03:00:00.000001-05:30", 1_772_353_800_000_001)]
    [InlineData("1969-12-31T23:59:59.999999Z", -1)]
    [InlineData("2024-02-29T00:00:00Z", 1_709_164_800_000_000)]
    public void Instant_IsRead(string text, long micros)
    {
        Assert.True(IsoTime.TryParse(Encoding.UTF8.GetBytes(text), out var read));
        Assert.Equal(micros, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-03-01")]
    [InlineData("2026-03-01T08:30:00")]
    [InlineData("2026-03-01 08:30:00Z")]
    [InlineData("2026-03-01T08:30:00z")]
    [InlineData("2026-03-01T08:30:00.Z")]
    [InlineData("2026-03-01T08:30:00.1234567890Z")]
    [InlineData("2026-03-01T08:30:00+0200")]
    [InlineData("2026-03-01T08:30:00+02:00Z")]
    [InlineData("2026-13-01T08:30:00Z")]
    [InlineData("2023-02-29T08:30:00Z")]
    [InlineData("2026-03-01T24:00:00Z")]
    [InlineData("2026-03-01T08:30:60Z")]
    [InlineData("0000-03-01T08:30:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("2026-03-0/T08:30:00Z")]
    public void OtherText_IsRefused(string text) => Assert.False(IsoTime.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void AnyInstant_IsFormattedAndReadBackAsTheFrameworkDoes() =>
        Gen.Long[-62_135_596_800_000_000, 253_402_300_799_999_999].Sample(micros =>
        {
            Span<byte> text = stackalloc byte[IsoTime.MaxLength];
            text = text[..IsoTime.Format(micros, text)];
            Assert.True(IsoTime.TryParse(text, out var read));
            Assert.Equal(micros, read);
            var theirs = DateTimeOffset.Parse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
            Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(micros * 10), theirs);
        }, seed: "0000000000005", iter: 20_000);
}
