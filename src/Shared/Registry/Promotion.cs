using System.Text.Json;
using System.Text.Json.Serialization;

namespace Media.Registry;

/// <summary>How a version came to be current.</summary>
public enum PromotionKind
{
    [JsonStringEnumMemberName("saved")] Saved,
    [JsonStringEnumMemberName("promoted")] Promoted,
    [JsonStringEnumMemberName("rolled_back")] RolledBack,
}

/// <summary>One change of a model's current version.</summary>
/// <param name="Version">Current from then on.</param>
/// <param name="When">UTC</param>
public sealed record Promotion(int Version, PromotionKind Kind, string Who, DateTimeOffset When, string Why)
{
    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PromotionJson.Default.Promotion);

    /// <exception cref="InvalidDataException">The bytes are no promotion.</exception>
    internal static Promotion FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, PromotionJson.Default.Promotion) ?? throw new InvalidDataException("The promotion is the JSON literal null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"The promotion cannot be read: {fault.Message}", fault);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Promotion))]
internal sealed partial class PromotionJson : JsonSerializerContext;
