namespace Media.Events;

/// <summary>An instant as text: ISO-8601 extended, e.g. <c>2026-03-01T08:30:00.123456Z</c>, and as µs since the Unix epoch. Thread-safe.</summary>
public static class IsoTime
{
    /// <summary>Most bytes that <see cref="Format"/> writes.</summary>
    public const int MaxLength = 27;

    private const long EpochMicros = 62_135_596_800_000_000; // since 0001-01-01, where DateTime counts from
    private static readonly long EarliestMicros = -EpochMicros;
    private static readonly long LatestMicros = DateTime.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond - EpochMicros;

    /// <summary>Reads date, 'T', time to the second, up to nine decimals (cut to µs), then 'Z' or an offset such as +02:00.</summary>
    /// <returns>False when the text has another form, no offset (then it names no instant), or names a day or hour that does not exist.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long micros)
    {
        micros = 0;
        if (utf8.Length is < 20 or > 35 || utf8[4] != '-' || utf8[7] != '-' || utf8[10] != 'T' || utf8[13] != ':' || utf8[16] != ':') return false;
        uint wrong = 0;
        var year = Pair(utf8, 0, ref wrong) * 100 + Pair(utf8, 2, ref wrong);
        var month = Pair(utf8, 5, ref wrong);
        var day = Pair(utf8, 8, ref wrong);
        var hour = Pair(utf8, 11, ref wrong);
        var minute = Pair(utf8, 14, ref wrong);
        var second = Pair(utf8, 17, ref wrong);
        if (wrong != 0 || year < 1 || month is < 1 or > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false;
        if (day > 28 && day > DateTime.DaysInMonth(year, month)) return false;

        var at = 19;
        var fraction = 0;
        if (utf8[at] == '.')
        {
            var digits = 0;
            for (at++; at < utf8.Length && (uint)(utf8[at] - '0') <= 9; at++, digits++)
                if (digits < 6) fraction = fraction * 10 + (utf8[at] - '0');
            if (digits is 0 or > 9) return false;
            for (; digits < 6; digits++) fraction *= 10;
        }

        var zone = utf8[at..];
        var offsetMinutes = 0;
        if (zone is not [(byte)'Z'])
        {
            if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':') return false;
            var hours = Pair(zone, 1, ref wrong);
            var minutes = Pair(zone, 4, ref wrong);
            if (wrong != 0 || hours > 23 || minutes > 59) return false;
            offsetMinutes = (hours * 60 + minutes) * (zone[0] == '-' ? -1 : 1);
        }

        var seconds = (hour * 60 + minute - offsetMinutes) * 60L + second;
        micros = new DateTime(year, month, day).Ticks / TimeSpan.TicksPerMicrosecond - EpochMicros + seconds * 1_000_000 + fraction;
        return micros >= EarliestMicros && micros <= LatestMicros; // an offset can lead out of the calendar
    }

    /// <summary>Writes with 'Z' and no, three or six decimals, as few as keep the instant.</summary>
    /// <param name="to">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The instant lies outside the years 1–9999.</exception>
    public static int Format(long micros, Span<byte> to)
    {
        var time = new DateTime((micros + EpochMicros) * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
        time.GetDate(out var year, out var month, out var day);
        Put(to, 0, year / 100);
        Put(to, 2, year % 100);
        Put(to, 5, month);
        Put(to, 8, day);
        Put(to, 11, time.Hour);
        Put(to, 14, time.Minute);
        Put(to, 17, time.Second);
        (to[4], to[7], to[10], to[13], to[16]) = ((byte)'-', (byte)'-', (byte)'T', (byte)':', (byte)':');
        var at = 19;
        var fraction = (int)((micros % 1_000_000 + 1_000_000) % 1_000_000);
        if (fraction != 0)
        {
            to[at++] = (byte)'.';
            Put(to, at, fraction / 10_000);
            to[at + 2] = (byte)('0' + fraction / 1000 % 10);
            at += 3;
            if (fraction % 1000 != 0)
            {
                to[at] = (byte)('0' + fraction / 100 % 10);
                Put(to, at + 1, fraction % 100);
                at += 3;
            }
        }
        to[at++] = (byte)'Z';
        return at;
    }

    /// <summary>Two digits as a number; <paramref name="wrong"/> becomes non-zero when one is no digit.</summary>
    private static int Pair(ReadOnlySpan<byte> utf8, int at, ref uint wrong)
    {
        var (tens, ones) = ((uint)(utf8[at] - '0'), (uint)(utf8[at + 1] - '0'));
        if (tens > 9 || ones > 9) wrong = 1;
        return (int)(tens * 10 + ones);
    }

    private static void Put(Span<byte> to, int at, int value)
    {
        to[at] = (byte)('0' + value / 10);
        to[at + 1] = (byte)('0' + value % 10);
    }

    private static void GetDate(this DateTime time, out int year, out int month, out int day) => (year, month, day) = DateOnly.FromDateTime(time);
}
