using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

public class PopulationTests
{
    private static readonly FeatureBatch Readers = new(["days_since_last_session", "subscription_free"], ["lately", "long ago", "subscriber", "at the edge"], new long[4], new long[4], [3, 1, 40, 1, 5, 0, 14, 1]);

    [Fact]
    public void Churn_IsAskedOfThoseWhoWereThereWithinItsHorizon()
    {
        Assert.Equal([0, 2, 3], new ChurnEstimator().Population(Readers));
        Assert.Equal([0, 2, 3], new ChurnEstimator { Horizon = TimeSpan.FromDays(14) }.Population(Readers));
        Assert.Equal([0, 2], new ChurnEstimator { Horizon = TimeSpan.FromDays(13) }.Population(Readers));
    }

    [Fact]
    public void Conversion_IsAskedOfFreeReadersWhoWereThereLately() => Assert.Equal([0, 3], new ConversionEstimator { Horizon = TimeSpan.FromDays(7) }.Population(Readers));

    [Fact]
    public void ModelsOfReaders_AreThoseThatReadTheirFeaturesAlone() =>
        Assert.Equal(["churn", "conversion", "segmentation"], ModelCatalog.All.Values.Where(ModelCatalog.IsOfReaders).Select(e => e.Name));
}
