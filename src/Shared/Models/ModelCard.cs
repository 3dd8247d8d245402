using System.Text.Json;
using System.Text.Json.Serialization;

namespace Media.Models;

/// <summary>What one saved model is, what it learned from and how well it does: the sheet beside its bytes.</summary>
/// <remarks>Written as snake_case JSON. Immutable, thread-safe. Times UTC.</remarks>
/// <seealso href="https://doi.org/10.1145/3287560.3287596">Mitchell et al. 2019, Model cards for model reporting</seealso>
public sealed record ModelCard
{
    /// <summary>The estimator's name.</summary>
    public required string Name { get; init; }

    /// <summary>From 1, rising; 0 until the registry has saved it.</summary>
    public int Version { get; init; }

    /// <summary>SHA-256 of the model's bytes, 64 lower-case hex digits; empty until the registry has saved it.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Size of the model's bytes; 0 until the registry has saved it.</summary>
    public long Bytes { get; init; }

    /// <summary>What the score means and how the label is defined, in one sentence.</summary>
    public required string Label { get; init; }

    /// <summary>The columns it reads, in order.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>The version that it learned on from by newer rows; null for one trained anew.</summary>
    public int? LearnedOnFrom { get; init; }

    /// <summary>Instants behind the training rows, rising.</summary>
    public required IReadOnlyList<DateTimeOffset> TrainAsOf { get; init; }

    /// <summary>The later instant behind the test rows; null for a model without a test set.</summary>
    public DateTimeOffset? TestAsOf { get; init; }

    /// <summary>Days after the as-of instant in which the label is observed; null for a model without a label.</summary>
    public double? HorizonDays { get; init; }

    public required int TrainRows { get; init; }
    public int TestRows { get; init; }

    /// <summary>Share of positives, 0–1; null for a model without a label.</summary>
    public double? TrainBaseRate { get; init; }
    public double? TestBaseRate { get; init; }

    /// <summary>The model's own first, then each baseline's, in the order evaluated.</summary>
    public IReadOnlyList<ModelMetrics> Metrics { get; init; } = [];

    /// <summary>What the true probabilities score on the same rows; null where they are unknown, as on real data.</summary>
    public ModelMetrics? Ceiling { get; init; }

    /// <summary>(lead metric − chance) / (the ceiling's − chance).</summary>
    public Estimate? ShareOfCeiling { get; init; }

    /// <summary>What everything that was to be known before each row's as-of scores on the same rows, without hidden traits; null where nobody has worked it out.</summary>
    public ModelMetrics? Knowable { get; init; }

    /// <summary>(lead metric − chance) / (the knowable's − chance).</summary>
    public Estimate? ShareOfKnowable { get; init; }

    /// <summary>The comparison with the strongest baseline, in one sentence.</summary>
    public string Gain { get; init; } = "";

    public LeakReport? Leaks { get; init; }

    /// <summary>Falling in mean |SHAP| over the test rows.</summary>
    public IReadOnlyList<FeatureImportance> TopFeatures { get; init; } = [];

    /// <summary>Version of each lake table that was read, by table name.</summary>
    public IReadOnlyDictionary<string, long> LakeVersions { get; init; } = new Dictionary<string, long>();

    /// <summary>Commit of the code, 40 hex digits, or "unknown" outside a work tree.</summary>
    public required string GitCommit { get; init; }

    public required int Seed { get; init; }
    public required DateTimeOffset TrainedAt { get; init; }

    /// <summary>Version of each library that shaped the bytes, by package name.</summary>
    public IReadOnlyDictionary<string, string> Libraries { get; init; } = new Dictionary<string, string>();

    /// <summary>UTF-8 JSON, indented; equal cards give equal bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelCardJson.Default.ModelCard);

    /// <exception cref="InvalidDataException">The bytes are not a card.</exception>
    public static ModelCard FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ModelCardJson.Default.ModelCard) ?? throw new InvalidDataException("The model card is the JSON literal null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"The model card cannot be read: {fault.Message}", fault);
        }
    }
}

/// <summary>Every metric of one model on the test rows.</summary>
public sealed record ModelMetrics(string Model, IReadOnlyList<MetricEstimate> Metrics);

[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelCard))]
internal sealed partial class ModelCardJson : JsonSerializerContext;
