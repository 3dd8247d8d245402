namespace Media.Lake;

/// <summary>The lake's dates: UTC days since 1970-01-01.</summary>
internal static class EpochDays
{
    private const long MicrosPerDay = 86_400_000_000;

    /// <param name="micros">µs since the Unix epoch</param>
    public static int Of(long micros) => (int)((micros < 0 ? micros - (MicrosPerDay - 1) : micros) / MicrosPerDay);

    public static DateOnly Date(int days) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(days);
}
