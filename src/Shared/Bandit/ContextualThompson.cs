using System.Collections.Concurrent;

namespace Media.Bandit;

/// <summary>What one context has brought, arm by arm, and its version.</summary>
/// <param name="PolicyVersion">Version of the context's probabilities.</param>
/// <param name="Arms">In the order of the arm index.</param>
public sealed record ContextEvidence(string Name, long PolicyVersion, IReadOnlyList<ArmEvidence> Arms);

/// <summary>Thompson sampling with posteriors of its own in every context, which borrow from the other contexts as far as these agree.</summary>
/// <remarks>
/// A context's posterior is its own evidence on top of a prior that the others gave (<see cref="Borrowing"/>), so a rare or new context begins where the
/// others are and a frequent one goes its own way. A context that has brought nothing is answered by the prior that all contexts give.
/// Updates enter the evidence at once. A context begins a version after <see cref="ThompsonOptions.UpdatesPerVersion"/> updates of its own; whenever all
/// decisions have grown by half, what may be borrowed is weighed anew and every context begins one. Within a version of a context its probabilities stand
/// still, so a logged propensity is exact. Learning in another order may begin versions elsewhere; after <see cref="Refresh"/> only the evidence counts. Thread-safe.
/// </remarks>
public sealed class ContextualThompson : IContextualPolicy
{
    private readonly Lock _learning = new();
    private readonly ConcurrentDictionary<string, Context> _contexts = new(StringComparer.Ordinal);
    private readonly SortedList<string, Context> _byName = new(StringComparer.Ordinal);
    private readonly Borrowing[] _borrowing;
    private PolicyState _elsewhere;
    private long _updates;
    private long _weighedAt;
    private bool _changed;

    /// <exception cref="ArgumentException">No arm, or an option outside its range.</exception>
    public ContextualThompson(int arms, ThompsonOptions options) : this(arms, [], 0, options) { }

    /// <param name="contexts">What was learned before, each context once.</param>
    /// <param name="elsewhereVersion">Version of the probabilities in a context that has brought nothing yet.</param>
    /// <param name="options">A discount is not for this policy: it must be 1.</param>
    /// <exception cref="ArgumentException">No arm, a context twice or with other arms, or evidence or an option outside its range.</exception>
    public ContextualThompson(int arms, IReadOnlyList<ContextEvidence> contexts, long elsewhereVersion, ThompsonOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        Media.Options.Check(options, PolicyState.FloorFault(options.MinPropensity, arms), options.Discount < 1 ? $"Discount is {options.Discount} but must be 1: a contextual policy does not forget." : null);
        options.Prior.Check("Prior");
        (Options, _borrowing) = (options, new Borrowing[arms]);
        _elsewhere = new PolicyState(elsewhereVersion, new double[arms]);
        foreach (var known in contexts)
        {
            if (known.Arms.Count != arms) throw new ArgumentException($"Context '{known.Name}' has {known.Arms.Count} arms but the policy has {arms}.", nameof(contexts));
            for (var arm = 0; arm < arms; arm++)
            {
                known.Arms[arm].Check($"Context '{known.Name}', arm {arm}");
                _updates += known.Arms[arm].Decisions;
            }
            if (_contexts.ContainsKey(known.Name)) throw new ArgumentException($"Context '{known.Name}' stands twice.", nameof(contexts));
            Add(known.Name, new Context([.. known.Arms], new PolicyState(known.PolicyVersion, new double[arms])));
        }
        Weigh(versionStep: 0);
    }

    public ThompsonOptions Options { get; }
    public string Name => "contextual_thompson";
    public int Arms => _borrowing.Length;

    /// <summary>A copy of what each context has brought, in the order of their names.</summary>
    public IReadOnlyList<ContextEvidence> Contexts
    {
        get { lock (_learning) return [.. _byName.Select(c => new ContextEvidence(c.Key, c.Value.State.Version, [.. c.Value.Evidence]))]; }
    }

    /// <summary>Version of the probabilities in a context that has brought nothing yet.</summary>
    public long ElsewhereVersion => Volatile.Read(ref _elsewhere).Version;

    /// <summary>What may be borrowed of each arm now. Shape: Arms.</summary>
    public IReadOnlyList<Borrowing> Borrowings
    {
        get { lock (_learning) return [.. _borrowing]; }
    }

    public IReadOnlyList<double> Propensities(string context) => StateIn(context).Probabilities;

    public long PolicyVersion(string context) => StateIn(context).Version;

    public Decision Choose(string context, Random random) => StateIn(context).Draw(random);

    /// <summary>What is known of each arm in this context now. Shape: Arms.</summary>
    public ArmPosterior[] Posteriors(string context)
    {
        lock (_learning) return PosteriorsOf(_contexts.GetValueOrDefault(context));
    }

    public void Update(string context, int arm, bool clicked, double revenueUsd)
    {
        PolicyState.CheckReward(Arms, arm, clicked, revenueUsd);
        lock (_learning)
        {
            // A new context goes on from where it was answered so far.
            if (!_contexts.TryGetValue(context, out var learning)) learning = Add(context, new Context(new ArmEvidence[Arms], _elsewhere));
            learning.Evidence[arm] = learning.Evidence[arm].Update(clicked, revenueUsd);
            _updates++;
            learning.SinceVersion++;
            _changed = true;
            if (_updates >= Math.Max(Options.UpdatesPerVersion, _weighedAt + _weighedAt / 2)) Weigh(versionStep: 1);
            else if (learning.SinceVersion >= Options.UpdatesPerVersion) BeginVersion(learning, 1);
        }
    }

    /// <summary>Brings all contexts' probabilities up to the evidence now; nothing happens when nothing was learned since.</summary>
    public void Refresh()
    {
        lock (_learning)
            if (_changed) Weigh(versionStep: 1);
    }

    private PolicyState StateIn(string context) => _contexts.TryGetValue(context, out var known) ? Volatile.Read(ref known.State) : Volatile.Read(ref _elsewhere);

    private void Weigh(int versionStep)
    {
        var column = new ArmEvidence[_byName.Count];
        for (var arm = 0; arm < Arms; arm++)
        {
            for (var c = 0; c < column.Length; c++) column[c] = _byName.Values[c].Evidence[arm];
            _borrowing[arm] = Borrowing.Likeliest(Options.Prior, column);
        }
        foreach (var context in _byName.Values) BeginVersion(context, versionStep);
        Volatile.Write(ref _elsewhere, PolicyState.Thompson(_elsewhere.Version + versionStep, PosteriorsOf(null), Options.MinPropensity));
        (_weighedAt, _changed) = (_updates, false);
    }

    private void BeginVersion(Context context, int versionStep)
    {
        Volatile.Write(ref context.State, PolicyState.Thompson(context.State.Version + versionStep, PosteriorsOf(context), Options.MinPropensity));
        context.SinceVersion = 0;
    }

    private ArmPosterior[] PosteriorsOf(Context? context)
    {
        var posteriors = new ArmPosterior[Arms];
        for (var arm = 0; arm < posteriors.Length; arm++)
        {
            // Summed in the order of the names: the same evidence gives the same bits, however it came in.
            var others = default(ArmEvidence);
            foreach (var other in _byName.Values)
                if (other != context) others += other.Evidence[arm];
            var prior = _borrowing[arm].Prior(Options.Prior, others);
            posteriors[arm] = context is null ? prior : prior.Add(context.Evidence[arm]);
        }
        return posteriors;
    }

    private Context Add(string name, Context context)
    {
        _contexts[name] = context;
        _byName.Add(name, context);
        return context;
    }

    private sealed class Context(ArmEvidence[] evidence, PolicyState state)
    {
        internal readonly ArmEvidence[] Evidence = evidence;
        internal PolicyState State = state;
        internal int SinceVersion;
    }
}
