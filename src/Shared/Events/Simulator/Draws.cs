namespace Media.Events.Simulator;

/// <summary>What a series of draws decides; each has numbers of its own.</summary>
internal enum DrawsFor { Reader, Life, Visit, Article, Edition, Story, Disorder }

/// <summary>A series of random numbers found again by its key: (seed, purpose, two integers).</summary>
/// <remarks>SplitMix64, ~1 ns a number; a value type, so that a series costs no allocation. Not thread-safe; copy it, or make another.</remarks>
/// <seealso href="https://doi.org/10.1145/2714064.2660195">Steele, Lea, Flood 2014, Fast splittable pseudorandom number generators</seealso>
internal struct Draws(int seed, DrawsFor purpose, long a, long b)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state = Mix(Mix(Mix(((ulong)(uint)seed << 8) + (ulong)purpose + Golden) + (ulong)a * Golden) + (ulong)b * Golden);

    public ulong Next() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + (high - low) * Unit();

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Standard normal (Box–Muller, the cosine half).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(Math.Tau * Unit());

    /// <summary>The smaller of a Poisson number and <paramref name="most"/>, by inversion.</summary>
    public int Poisson(double mean, int most)
    {
        var left = Unit();
        var mass = Math.Exp(-mean);
        var n = 0;
        while (left >= mass && n < most)
        {
            left -= mass;
            n++;
            mass *= mean / n;
        }
        return n;
    }

    /// <summary>Gamma of shape 2 with this mean: the sum of two exponentials.</summary>
    public double Gamma2(double mean) => -mean / 2 * Math.Log((1 - Unit()) * (1 - Unit()));

    /// <summary>An index drawn by weight; the weights sum to 1.</summary>
    public int Pick(ReadOnlySpan<double> weights)
    {
        var left = Unit();
        for (var i = 0; i < weights.Length - 1; i++)
            if ((left -= weights[i]) < 0) return i;
        return weights.Length - 1;
    }

    /// <summary>SplitMix64's finaliser: a bijection of 64 bits in which every input bit moves about half of the output's.</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
