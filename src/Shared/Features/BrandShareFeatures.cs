namespace Media.Features;

/// <summary>How a reader's visits spread over the five brands.</summary>
/// <remarks>Share of the sessions that have a brand, any brand; NaN when none has one.</remarks>
public static class BrandShareFeatures
{
    public static IReadOnlyList<string> Brands { get; } = ["bild", "welt", "business_insider", "politico", "sport_bild"];

    public static IReadOnlyList<Feature> All { get; } = [.. Brands.Select(Share)];

    private static Feature Share(string brand) => new($"brand_{brand}_share", "share", $"sessions whose brand is {brand} ÷ sessions with a brand",
        (p, _) => p.Brands.Total > 0 ? (double)p.Brands.CountOf(brand) / p.Brands.Total : double.NaN);
}
