using System.Globalization;

namespace Media.Tuning;

/// <summary>How the text of one cell is read.</summary>
internal static class TableCell
{
    private static readonly string[] DateForms =
        ["yyyy-MM-dd", "yyyy/MM/dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ssK"];

    /// <summary>A finite number with a decimal point.</summary>
    internal static bool TryNumber(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>Days since the Unix epoch of an ISO date, with or without a time; UTC where no zone is given.</summary>
    internal static bool TryDays(ReadOnlySpan<char> text, out double days)
    {
        text = text.Trim();
        days = 0;
        if (text.Length < 8 || !char.IsAsciiDigit(text[0])) return false;
        if (!DateTimeOffset.TryParseExact(text, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return false;
        days = (time - DateTimeOffset.UnixEpoch).TotalDays;
        return true;
    }
}
