using Media.Events;

namespace Media.Tests.Streaming;

/// <summary>Plain events for the log: numbered by their query, padded so that compression cannot shrink them.</summary>
internal static class LiveEvents
{
    public static IEnumerable<Search> Numbered(int count, int users, int padding = 0)
    {
        var random = new Random(11);
        for (var i = 0; i < count; i++)
        {
            var noise = new byte[padding * 3 / 4];
            random.NextBytes(noise);
            yield return new Search
            {
                EventId = new EventId(new Guid(i + 1, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0)), EventTimeMicros = 1_700_000_000_000_000 + i,
                UserId = new UserId($"user_{i * 7919 % users}"), SchemaVersion = SchemaVersions.Live, Brand = "welt", DeviceType = DeviceType.Mobile,
                SubscriptionTier = SubscriptionTier.Free, Query = Convert.ToBase64String(noise), ResultsCount = i, ClickedResult = false,
            };
        }
    }

    public static int Number(this MediaEvent e) => ((Search)e).ResultsCount!.Value;
}
