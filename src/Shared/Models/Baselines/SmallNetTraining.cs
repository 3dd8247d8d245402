using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>Changes a net, batch by batch, by back-propagation of the log loss, or for amounts of the squared error, and Adam with decoupled weight decay.</summary>
internal sealed class SmallNetTraining
{
    private const float MeanDecay = 0.9f;
    private const float SquareDecay = 0.999f;
    private const float Tiny = 1e-8f;

    private readonly SmallNet _net;
    private readonly LabelKind _kind;
    private readonly float _learningRate;
    private readonly float _weightDecay;
    private readonly Slot[] _weights;
    private readonly Slot[] _biases;
    private readonly float[][] _outputs;
    private readonly float[][] _deltas;
    private int _steps;

    internal SmallNetTraining(SmallNet net, LabelKind kind, float learningRate, float weightDecay)
    {
        (_net, _kind, _learningRate, _weightDecay) = (net, kind, learningRate, weightDecay);
        _weights = [.. net.Layers.Select(l => new Slot(l.Weights))];
        _biases = [.. net.Layers.Select(l => new Slot(l.Biases))];
        _outputs = [.. net.Layers.Select(l => new float[l.Outputs])];
        _deltas = [.. net.Layers.Select(l => new float[l.Outputs])];
    }

    /// <summary>One step on the chosen rows' mean gradient.</summary>
    internal void Step(ReadOnlySpan<float> values, ReadOnlySpan<float> labels, ReadOnlySpan<int> chosen)
    {
        foreach (var slot in _weights) slot.Gradient.AsSpan().Clear();
        foreach (var slot in _biases) slot.Gradient.AsSpan().Clear();
        var width = _net.Layers[0].Inputs;
        foreach (var row in chosen) Accumulate(values.Slice(row * width, width), labels[row]);
        _steps++;
        foreach (var slot in _weights) slot.Move(chosen.Length, _learningRate, _weightDecay, _steps);
        foreach (var slot in _biases) slot.Move(chosen.Length, _learningRate, weightDecay: 0, _steps);
    }

    private void Accumulate(ReadOnlySpan<float> row, float label)
    {
        var layers = _net.Layers;
        for (var l = 0; l < layers.Length; l++)
        {
            layers[l].Forward(l == 0 ? row : _outputs[l - 1], _outputs[l]);
            if (l < layers.Length - 1) TensorPrimitives.Max(_outputs[l], 0f, _outputs[l]);
        }
        _deltas[^1][0] = (_kind == LabelKind.YesNo ? (float)LogOdds.ToProbability(_outputs[^1][0]) : _outputs[^1][0]) - label;
        for (var l = layers.Length - 1; l >= 0; l--)
        {
            var inputs = layers[l].Inputs;
            var input = l == 0 ? row : _outputs[l - 1];
            var below = l == 0 ? default : _deltas[l - 1].AsSpan();
            below.Clear();
            for (var o = 0; o < layers[l].Outputs; o++)
            {
                var delta = _deltas[l][o];
                if (delta == 0) continue;
                var gradient = _weights[l].Gradient.AsSpan(o * inputs, inputs);
                TensorPrimitives.MultiplyAdd(input, delta, gradient, gradient);
                _biases[l].Gradient[o] += delta;
                if (l > 0) TensorPrimitives.MultiplyAdd(layers[l].Weights.AsSpan(o * inputs, inputs), delta, below, below);
            }
            for (var i = 0; i < below.Length; i++)
                if (input[i] == 0) below[i] = 0;
        }
    }

    /// <summary>Parameters with their gradient and Adam's two running means.</summary>
    private sealed class Slot(float[] parameters)
    {
        private readonly float[] _means = new float[parameters.Length];
        private readonly float[] _squares = new float[parameters.Length];

        public float[] Gradient { get; } = new float[parameters.Length];

        public void Move(int rows, float learningRate, float weightDecay, int steps)
        {
            var meanScale = 1 / (1 - MathF.Pow(MeanDecay, steps));
            var squareScale = 1 / (1 - MathF.Pow(SquareDecay, steps));
            for (var i = 0; i < parameters.Length; i++)
            {
                var gradient = Gradient[i] / rows;
                _means[i] = MeanDecay * _means[i] + (1 - MeanDecay) * gradient;
                _squares[i] = SquareDecay * _squares[i] + (1 - SquareDecay) * gradient * gradient;
                parameters[i] -= learningRate * (_means[i] * meanScale / (MathF.Sqrt(_squares[i] * squareScale) + Tiny) + weightDecay * parameters[i]);
            }
        }
    }
}
