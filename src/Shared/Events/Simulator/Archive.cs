namespace Media.Events.Simulator;

/// <summary>The articles that are still on offer, day after day.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Archive(Newsroom newsroom, int brands)
{
    private readonly Dictionary<(int Brand, int Day), Story[]> _published = [];

    /// <summary>Every brand's page at every hour of a day, at index brand × 24 + hour. Days must ascend.</summary>
    public void FillPages(SimulatorOptions options, int day, FrontPage[] pages)
    {
        for (var brand = 0; brand < brands; brand++)
        {
            _published.Remove((brand, day - Newsroom.DaysOnOffer));
            var days = new Story[Newsroom.DaysOnOffer][];
            for (var back = 0; back < days.Length; back++)
            {
                var key = (brand, day - back);
                if (!_published.TryGetValue(key, out var stories)) _published.Add(key, stories = newsroom.Publish(brand, day - back));
                days[back] = stories;
            }
            for (var hour = 0; hour < 24; hour++)
                pages[brand * 24 + hour] = FrontPage.At(days, options.StartMicros + day * Clock.Day + hour * Clock.Hour, options.Signal);
        }
    }
}
