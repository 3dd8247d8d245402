namespace Media.Events.Archives;

/// <summary>What a browser's User-Agent header says of the device, by a few rules read from top to bottom; null where none applies.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
internal sealed record UserAgent(DeviceType? DeviceType, string? Os, string? Browser)
{
    private static readonly UserAgent Unknown = new(null, null, null);

    // The first mark found decides, so a mark that others carry too (Linux in Android's, Safari in Chrome's) comes after theirs.
    private static readonly (string Mark, string Os)[] Systems =
    [
        ("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iOS"), ("iOS", "iOS"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    private static readonly (string Mark, string Browser)[] Browsers =
    [
        ("Edge/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"), ("Electron/", "Electron"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("Trident/", "Internet Explorer"), ("MSIE ", "Internet Explorer"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    public static UserAgent Read(string? header) =>
        string.IsNullOrEmpty(header) ? Unknown : new UserAgent(DeviceOf(header), First(Systems, header), First(Browsers, header));

    private static DeviceType? DeviceOf(string header)
    {
        if (Has("Native Mobile App")) return Events.DeviceType.App;
        if (Has("iPad") || Has("Tablet") || (Has("Android") && !Has("Mobile"))) return Events.DeviceType.Tablet;
        if (Has("Mobile") || Has("iPhone")) return Events.DeviceType.Mobile;
        return Has("Windows NT") || Has("Macintosh") || Has("X11") ? Events.DeviceType.Desktop : null;

        bool Has(string mark) => header.Contains(mark, StringComparison.Ordinal);
    }

    private static string? First((string Mark, string Name)[] rules, string header)
    {
        foreach (var (mark, name) in rules)
            if (header.Contains(mark, StringComparison.Ordinal)) return name;
        return null;
    }
}
