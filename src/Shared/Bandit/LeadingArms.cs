namespace Media.Bandit;

/// <summary>The choice of the arm with the highest index, ties shared evenly, above a floor that every arm keeps: how the greedy policies choose.</summary>
/// <remarks>A version begins when the set of leading arms changes. <see cref="State"/> may be read beside <see cref="Lead"/>; one thread leads at a time.</remarks>
internal sealed class LeadingArms
{
    private readonly double _floor;
    private readonly bool[] _leads;
    private PolicyState _state;

    /// <param name="floor">Least probability of any arm, in [0, 1 / arms].</param>
    internal LeadingArms(int arms, double floor)
    {
        (_state, _floor, _leads) = (PolicyState.Uniform(arms), floor, new bool[arms]);
        Array.Fill(_leads, true);
    }

    internal PolicyState State => Volatile.Read(ref _state);

    /// <param name="indexes">One per arm, of which the highest leads; not NaN.</param>
    internal void Lead(ReadOnlySpan<double> indexes)
    {
        var top = double.NegativeInfinity;
        foreach (var index in indexes) top = Math.Max(top, index);
        var (changed, leaders) = (false, 0);
        for (var arm = 0; arm < indexes.Length; arm++)
        {
            var leads = indexes[arm] == top;
            changed |= leads != _leads[arm];
            _leads[arm] = leads;
            if (leads) leaders++;
        }
        if (!changed) return;
        var probabilities = new double[indexes.Length];
        var share = (1 - indexes.Length * _floor) / leaders;
        for (var arm = 0; arm < probabilities.Length; arm++) probabilities[arm] = _floor + (_leads[arm] ? share : 0);
        Volatile.Write(ref _state, new PolicyState(_state.Version + 1, probabilities));
    }
}
