namespace Media.Features.Offers;

/// <summary>All that was seen of one article, one reader, or one reader with one category.</summary>
/// <param name="Expected">Clicks that its offers would have had by their placement and the form of their titles alone.</param>
internal record struct Encounters(EffectPair Effects, int Offers, int Clicks, double Expected, int Views)
{
    // As if so many clicks had been expected and had come: a lift of few offers stays near 1.
    private const double PriorClicks = 5;

    /// <summary>Clicks ÷ expected clicks, drawn towards 1.</summary>
    public readonly double ClickLift => (Clicks + PriorClicks) / (Expected + PriorClicks);
}
