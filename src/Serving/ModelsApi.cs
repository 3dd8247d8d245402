using Media.Models;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Media.Serving;

/// <summary>A model that is served, from its card.</summary>
/// <param name="AsOf">Newest instant it learned from.</param>
/// <param name="Label">What its score means.</param>
/// <param name="Outputs">Numbers per row.</param>
/// <param name="Metrics">Its own on later test rows, with 95 % intervals.</param>
/// <param name="Gain">The comparison with the strongest baseline, in one sentence.</param>
public sealed record ModelAnswer(
    string Name, string Version, DateTimeOffset AsOf, DateTimeOffset TrainedAt, string Label, int Outputs, IReadOnlyList<string> Features,
    IReadOnlyList<MetricEstimate> Metrics, string Gain);

internal static class ModelsApi
{
    internal static void MapModels(this IEndpointRouteBuilder routes) => routes.MapGet("/models", Models)
        .WithName("models").WithTags("Models").WithSummary("The models served: version, as-of instant, meaning, metrics.");

    private static Ok<IReadOnlyList<ModelAnswer>> Models(ModelHost models) => TypedResults.Ok<IReadOnlyList<ModelAnswer>>(
    [
        .. models.Models.Values.Select(m => new ModelAnswer(m.Card.Name, m.Version, m.AsOf, m.Card.TrainedAt, m.Card.Label, m.Model.Outputs, m.Model.Features,
            m.Card.Metrics.FirstOrDefault(of => of.Model == m.Card.Name)?.Metrics ?? [], m.Card.Gain)),
    ]);
}
