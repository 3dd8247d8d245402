namespace Media.Features.Articles;

/// <summary>How much of its brand's attention an article will have, by its age and by how it did so far.</summary>
/// <param name="UsualShare">Share of the brand's traffic that an average article has at the coming ages, in [0, 1].</param>
/// <param name="Level">Its attention as a multiple of the usual, above 0 (<see cref="Attention.Level"/>).</param>
/// <param name="Recent">That of the last hours as a multiple of the level, above 0.</param>
/// <param name="Competition">How strong the brand's articles are together; 1 = as usual, above 0.</param>
/// <param name="ClickRatio">Its clicks ÷ those expected of its places, drawn to 1, above 0.</param>
internal readonly record struct ArticleOutlook(double UsualShare, double Level, double Recent, double Competition, double ClickRatio)
{
    /// <summary>Expected share of the brand's traffic.</summary>
    public double Share => UsualShare * Level / Competition;
}
