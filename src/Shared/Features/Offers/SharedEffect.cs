namespace Media.Features.Offers;

/// <summary>A normal belief about one effect that all observations of its kind share: a position, a surface, a category.</summary>
internal struct SharedEffect(double variance)
{
    public double Mean { get; private set; }
    public double Variance { get; private set; } = variance;

    public void Learn(double slope, double curvature)
    {
        Mean += Variance * slope;
        Variance -= Variance * Variance * curvature;
    }
}
