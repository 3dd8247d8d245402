namespace Media.Models.Text;

/// <summary>A headline as it did in a test.</summary>
/// <param name="Test">Variants of equal test competed for the same readers; what is learned is learned within a test.</param>
/// <param name="Impressions">≥ 0.</param>
/// <param name="Clicks">0 … Impressions.</param>
public readonly record struct HeadlineVariant(string Test, string Headline, long Impressions, long Clicks);
