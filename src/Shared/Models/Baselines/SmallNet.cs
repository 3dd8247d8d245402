using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>Fully connected layers with ReLU between them and one linear output.</summary>
internal sealed record SmallNet(SmallNet.Layer[] Layers)
{
    /// <summary>Weights: outputs × inputs, row-major. Biases: one per output.</summary>
    internal sealed record Layer(int Inputs, float[] Weights, float[] Biases)
    {
        internal int Outputs => Biases.Length;

        internal void Forward(ReadOnlySpan<float> input, Span<float> output)
        {
            for (var o = 0; o < Outputs; o++) output[o] = TensorPrimitives.Dot(Weights.AsSpan(o * Inputs, Inputs), input) + Biases[o];
        }
    }

    /// <summary>He's first weights: variance 2 / inputs.</summary>
    internal static SmallNet Create(ReadOnlySpan<int> widths, Random random)
    {
        var layers = new Layer[widths.Length - 1];
        for (var l = 0; l < layers.Length; l++)
        {
            var weights = new float[widths[l] * widths[l + 1]];
            var deviation = Math.Sqrt(2.0 / widths[l]);
            for (var i = 0; i < weights.Length; i++)
                weights[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            layers[l] = new Layer(widths[l], weights, new float[widths[l + 1]]);
        }
        return new SmallNet(layers);
    }

    internal SmallNet Copy() => new([.. Layers.Select(l => new Layer(l.Inputs, [.. l.Weights], [.. l.Biases]))]);

    /// <exception cref="InvalidDataException">Saved layers do not fit one another or the features.</exception>
    internal void RequireWidth(Standardisation standardisation, int features)
    {
        if (standardisation.Columns != features || !Fits(features)) throw new InvalidDataException("The saved net's layers do not fit one another or its features.");
    }

    private bool Fits(int columns)
    {
        var width = columns;
        foreach (var layer in Layers)
        {
            if (layer.Inputs != width || layer.Weights.Length != layer.Inputs * layer.Outputs) return false;
            width = layer.Outputs;
        }
        return width == 1;
    }

    /// <summary>The output for one row.</summary>
    internal double Score(ReadOnlySpan<float> row)
    {
        var widest = Layers.Max(l => l.Outputs);
        Span<float> from = new float[widest];
        Span<float> to = new float[widest];
        Layers[0].Forward(row, to);
        for (var l = 1; l < Layers.Length; l++)
        {
            var spare = from;
            from = to;
            to = spare;
            var input = from[..Layers[l].Inputs];
            TensorPrimitives.Max(input, 0f, input);
            Layers[l].Forward(input, to);
        }
        return to[0];
    }
}
