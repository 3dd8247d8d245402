using Media.Features;

namespace Media.Models;

/// <summary>A net with two hidden layers over standardised columns, NaN as the mean, learnt by Adam until users kept aside no longer gain.</summary>
/// <remarks>One thread, seeded: equal rows give equal bytes.</remarks>
/// <seealso href="https://arxiv.org/abs/1412.6980">Kingma, Ba 2014, Adam: A Method for Stochastic Optimization</seealso>
/// <seealso href="https://arxiv.org/abs/1711.05101">Loshchilov, Hutter 2017, Decoupled Weight Decay Regularization</seealso>
public sealed record SmallNetEstimator : IBaseline
{
    /// <summary>One fold of users in this many is kept aside to stop by.</summary>
    private const int Folds = 5;

    public string Name => "small_net";
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>Units of the first and of the second hidden layer. Default 32 and 16, range 1 – 1,024.</summary>
    public (int First, int Second) Hidden { get; init; } = (32, 16);

    /// <summary>Adam's step. Default 0.002, > 0.</summary>
    public float LearningRate { get; init; } = 2e-3f;

    /// <summary>Share of itself that each weight loses per step, times the learning rate. Default 0.05, ≥ 0.</summary>
    public float WeightDecay { get; init; } = 0.05f;

    /// <summary>Rows per step. Default 128, range 1 – 65,536.</summary>
    public int BatchRows { get; init; } = 128;

    /// <summary>Most passes over the rows. Default 60, range 1 – 10,000.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Passes without a better loss on the rows kept aside before it stops. Default 6, range 1 – 10,000.</summary>
    public int Patience { get; init; } = 6;

    /// <summary>Seed of the first weights and of the order of rows. Default 1.</summary>
    public int Seed { get; init; } = 1;

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        Check();
        BinaryLabels.RequireFitting(x, y);
        var rows = x.Select(Features);
        var labels = y.ToArray();
        var standardisation = Standardisation.Fit(rows.Values, Features.Count);
        var values = new float[rows.Values.Length];
        standardisation.Apply(rows.Values, values);

        var (kept, aside) = UserFolds.Part(UserFolds.Deal(rows, labels, Folds));
        return new SmallNetModel(Features, new SmallNetModel.Body(standardisation, Learn(LabelKind.YesNo, values, labels, kept, aside, cancel)));
    }

    public IModel Load(Stream saved) => SmallNetModel.Load(Name, Features, saved);

    /// <summary>The net that did best on the rows kept aside.</summary>
    /// <param name="values">rows × columns, standardised, finite.</param>
    /// <param name="kept">Rows to learn from; shuffled.</param>
    internal SmallNet Learn(LabelKind kind, float[] values, float[] labels, int[] kept, int[] aside, CancellationToken cancel)
    {
        var width = values.Length / labels.Length;
        var random = new Random(Seed);
        var net = SmallNet.Create([width, Hidden.First, Hidden.Second, 1], random);
        var training = new SmallNetTraining(net, kind, LearningRate, WeightDecay);
        var (best, bestLoss, bestEpoch) = (net.Copy(), double.PositiveInfinity, 0);
        for (var epoch = 0; epoch < Epochs && epoch - bestEpoch <= Patience; epoch++)
        {
            cancel.ThrowIfCancellationRequested();
            random.Shuffle(kept);
            for (var start = 0; start < kept.Length; start += BatchRows)
                training.Step(values, labels, kept.AsSpan(start, Math.Min(BatchRows, kept.Length - start)));
            var loss = 0.0;
            foreach (var row in aside)
            {
                var score = net.Score(values.AsSpan(row * width, width));
                loss += kind == LabelKind.YesNo ? LogOdds.Loss(score, labels[row]) : (score - labels[row]) * (score - labels[row]);
            }
            if (loss < bestLoss) (best, bestLoss, bestEpoch) = (net.Copy(), loss, epoch);
        }
        return best;
    }

    internal void Check()
    {
        if (Hidden.First is < 1 or > 1024 || Hidden.Second is < 1 or > 1024) throw new ArgumentException($"Hidden is {Hidden}; its range is 1 – 1,024 units.");
        if (!(LearningRate > 0)) throw new ArgumentException($"LearningRate is {LearningRate}; it must be positive.");
        if (!(WeightDecay >= 0)) throw new ArgumentException($"WeightDecay is {WeightDecay}; it must not be negative.");
        if (BatchRows is < 1 or > 65_536) throw new ArgumentException($"BatchRows is {BatchRows}; its range is 1 – 65,536.");
        if (Epochs is < 1 or > 10_000) throw new ArgumentException($"Epochs is {Epochs}; its range is 1 – 10,000.");
        if (Patience is < 1 or > 10_000) throw new ArgumentException($"Patience is {Patience}; its range is 1 – 10,000.");
    }
}

/// <summary>A fitted small net.</summary>
/// <remarks>Outputs: 1, in [0, 1].</remarks>
public sealed class SmallNetModel : IModel
{
    private readonly Body _body;

    internal SmallNetModel(IReadOnlyList<string> features, Body body) => (Features, _body) = (features, body);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    internal static SmallNetModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        body.Net.RequireWidth(body.Standardisation, features.Count);
        return new SmallNetModel(features, body);
    }

    public void Predict(FeatureBatch x, Span<double> scores) => _body.Standardisation.Score(x.Select(Features), scores, standardised => LogOdds.ToProbability(_body.Net.Score(standardised)));

    public void Save(Stream to) => ModelFile.Write(to, "small_net", Features, _body);

    internal sealed record Body(Standardisation Standardisation, SmallNet Net);
}
