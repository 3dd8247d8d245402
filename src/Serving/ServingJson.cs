using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Media.Serving;

/// <summary>JSON of requests and answers: snake_case, source-generated, strict about what it reads (no unknown or doubled members, no numbers in strings).</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ModelAnswer>))]
[JsonSerializable(typeof(PredictRequest))]
[JsonSerializable(typeof(PredictAnswer))]
[JsonSerializable(typeof(ChooseRequest))]
[JsonSerializable(typeof(ChooseAnswer))]
[JsonSerializable(typeof(RewardRequest))]
[JsonSerializable(typeof(RewardAnswer))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(double))]
internal sealed partial class ServingJson : JsonSerializerContext;
