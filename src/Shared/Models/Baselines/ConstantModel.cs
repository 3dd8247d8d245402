using Media.Features;

namespace Media.Models;

/// <summary>One number for every row: a probability, or an amount in the label's unit.</summary>
/// <remarks>Outputs: 1. Immutable, thread-safe.</remarks>
public sealed class ConstantModel : IModel
{
    private readonly string _name;
    private readonly double _value;

    internal ConstantModel(string name, double value) => (_name, _value) = (name, value);

    public IReadOnlyList<string> Features => [];
    public int Outputs => 1;

    internal static ConstantModel Load(string name, Stream saved) => new(name, ModelFile.Read<Body>(saved, name, []).Value);

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        scores.Fill(_value);
    }

    public void Save(Stream to) => ModelFile.Write(to, _name, Features, new Body(_value));

    internal sealed record Body(double Value);
}
