namespace Media.Bandit;

/// <summary>What is known of a click probability: Beta(α, β) after clicks and misses.</summary>
/// <remarks>Alpha, Beta: &gt; 0; prior plus clicks, prior plus decisions without a click. Default prior Beta(1, 1), every probability alike.</remarks>
/// <seealso href="https://papers.nips.cc/paper/4321-an-empirical-evaluation-of-thompson-sampling">Chapelle &amp; Li 2011, An Empirical Evaluation of Thompson Sampling</seealso>
public readonly record struct BetaPosterior(double Alpha, double Beta)
{
    public static BetaPosterior Prior { get; } = new(1, 1);

    public double Mean => Alpha / (Alpha + Beta);

    public double Variance => Alpha * Beta / ((Alpha + Beta) * (Alpha + Beta) * (Alpha + Beta + 1));

    public BetaPosterior Update(bool clicked) => clicked ? this with { Alpha = Alpha + 1 } : this with { Beta = Beta + 1 };

    public double Sample(Random random) => Draw.Beta(random, Alpha, Beta);
}
