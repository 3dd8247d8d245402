using BenchmarkDotNet.Attributes;
using Media.Bandit;

namespace Media.Benchmarks;

/// <summary>One choice among five arms: drawn from the version's probability vector, that of the reader's segment too, and as classical Thompson sampling draws it; and what a new version costs.</summary>
[MemoryDiagnoser]
public class BanditChoosing
{
    private readonly ArmPosterior[] _arms = [.. Enumerable.Range(0, 5).Select(i => new ArmPosterior(new BetaPosterior(10 + i, 400), new GammaPosterior(12 + i, 9, 1)))];
    private readonly Random _random = new(1);
    private readonly UniformPolicy _uniform = new(5);
    private ThompsonSampling _thompson = null!;
    private readonly string[] _contexts = [.. Media.Events.Vocabulary<Media.Events.UserSegment>.Names];
    private ContextualThompson _contextual = null!;
    private int _reader;

    [GlobalSetup]
    public void Setup()
    {
        _thompson = new ThompsonSampling(_arms, 0, new ThompsonOptions());
        _contextual = new ContextualThompson(5, [.. _contexts.Select((name, c) => new ContextEvidence(name, 0, [.. Enumerable.Range(0, 5).Select(arm => new ArmEvidence(400 + 90 * c, 10 + arm, 5))]))], 0, new ThompsonOptions());
    }

    [Benchmark(Baseline = true)]
    public Decision Uniform() => _uniform.Choose(_random);

    [Benchmark]
    public Decision Thompson() => _thompson.Choose(_random);

    [Benchmark]
    public Decision Contextual() => _contextual.Choose(_contexts[_reader++ % _contexts.Length], _random);

    [Benchmark]
    public int DrawPerArm()
    {
        var (best, top) = (0, double.NegativeInfinity);
        for (var arm = 0; arm < _arms.Length; arm++)
        {
            var value = _arms[arm].SampleValue(_random);
            if (value > top) (best, top) = (arm, value);
        }
        return best;
    }

    [Benchmark]
    public double[] NewVersion() => BestArm.Probabilities(_arms);
}
