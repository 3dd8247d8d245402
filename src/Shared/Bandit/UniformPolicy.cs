namespace Media.Bandit;

/// <summary>Every arm with the same probability, whatever was learned: the baseline, and the best log for off-policy valuation.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class UniformPolicy(int arms) : IBanditPolicy
{
    private readonly PolicyState _state = PolicyState.Uniform(arms);

    public string Name => "uniform";
    public int Arms => arms;
    public IReadOnlyList<double> Propensities => _state.Probabilities;
    public long PolicyVersion => _state.Version;
    public Decision Choose(Random random) => _state.Draw(random);
    public void Update(int arm, bool clicked, double revenueUsd) => PolicyState.CheckReward(arms, arm, clicked, revenueUsd);
}
