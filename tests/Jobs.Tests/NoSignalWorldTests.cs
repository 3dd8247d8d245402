using Media.Jobs;
using Media.Models;

namespace Media.Tests.Jobs;

public sealed class NoSignalWorldTests
{
    /// <summary>One world may lie off by chance; the mean of several shows whether the label can be foretold from how offers are made and credited.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void ClicksOfSeveralWorlds_LieAroundChance()
    {
        double[] orders = [.. Enumerable.Range(2, 5).Select(seed => new NoSignalWorld(seed).Order(new ClickEstimator(), TestContext.Current.CancellationToken).Order)];

        // The worlds scatter by .006: five of them, their mean by .003.
        Assert.InRange(orders.Average(), 0.49, 0.51);
        Assert.All(orders, order => Assert.InRange(order, 0.48, 0.52));
    }
}
