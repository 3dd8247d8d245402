using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Media.Models;

namespace Media.Jobs;

/// <summary>What an evaluation found, as the one JSON line that it prints: keys in the order they were added.</summary>
/// <remarks>Numbers that are not finite are written as null.</remarks>
internal sealed class EvaluationLine
{
    /// <summary>The keys and values so far, in order; a value is a double, a long, a string or another line.</summary>
    private readonly List<(string Key, object? Value)> _entries = [];

    /// <summary>A metric with its interval: <c>metric</c>, <c>metric_low</c>, <c>metric_high</c>.</summary>
    public EvaluationLine Add(string metric, Estimate estimate) => Add(metric, estimate.Value).Add($"{metric}_low", estimate.Low).Add($"{metric}_high", estimate.High);

    public EvaluationLine Add(string key, double value) => Put(key, value);

    public EvaluationLine Add(string key, long value) => Put(key, value);

    public EvaluationLine Add(string key, string value) => Put(key, value);

    public EvaluationLine Add(string key, EvaluationLine nested) => Put(key, nested);

    public override string ToString()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(json);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private EvaluationLine Put(string key, object? value)
    {
        if (_entries.Any(e => e.Key == key)) throw new ArgumentException($"'{key}' is there already.");
        _entries.Add((key, value));
        return this;
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (key, value) in _entries)
        {
            json.WritePropertyName(key);
            switch (value)
            {
                case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                case double: json.WriteNullValue(); break;
                case long whole: json.WriteNumberValue(whole); break;
                case string text: json.WriteStringValue(text); break;
                case EvaluationLine line: line.Write(json); break;
            }
        }
        json.WriteEndObject();
    }
}
