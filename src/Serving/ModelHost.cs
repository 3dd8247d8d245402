using Media.Models;
using Media.Registry;

namespace Media.Serving;

/// <summary>A model as it is served: its card and the fitted model. Immutable, thread-safe.</summary>
public sealed record ServedModel(ModelCard Card, IModel Model)
{
    /// <summary>The registry's version, as answers name it.</summary>
    public string Version { get; } = Card.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Newest instant behind its training rows.</summary>
    public DateTimeOffset AsOf { get; } = Card.TrainAsOf.Max();
}

/// <summary>The registry's current version of every model of readers in the catalogue, in memory.</summary>
/// <remarks>A refresh loads what has a new current version and swaps one reference: a request sees either version whole. Thread-safe.</remarks>
public sealed class ModelHost(ModelRegistry registry, ILogger<ModelHost> logger)
{
    private volatile SortedDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);

    /// <summary>What is served now, by name, in ordinal order.</summary>
    public IReadOnlyDictionary<string, ServedModel> Models => _models;

    /// <exception cref="AggregateException">Some models could not be loaded; their former versions stay, the others are fresh.</exception>
    internal async Task RefreshAsync(CancellationToken cancel)
    {
        var next = new SortedDictionary<string, ServedModel>(StringComparer.Ordinal);
        var faults = new List<Exception>();
        foreach (var (name, estimator) in ModelCatalog.All.Where(m => ModelCatalog.IsOfReaders(m.Value)))
        {
            _models.TryGetValue(name, out var served);
            try
            {
                served = await NewestAsync(estimator, served, cancel);
            }
            catch (Exception fault) when (fault is IOException or InvalidDataException)
            {
                faults.Add(fault);
            }
            if (served is not null) next.Add(name, served);
        }
        _models = next;
        if (faults.Count > 0) throw new AggregateException(faults);
    }

    private async Task<ServedModel?> NewestAsync(IEstimator estimator, ServedModel? served, CancellationToken cancel)
    {
        if (await registry.CurrentVersionAsync(estimator.Name, cancel) is not { } version || version == served?.Card.Version) return served;
        var saved = await registry.LoadAsync(estimator.Name, version, cancel);
        var model = saved.Open();
        if (!model.Features.SequenceEqual(saved.Card.Features)) throw new InvalidDataException($"Model '{estimator.Name}' version {version} reads other features than its card names.");
        Log.Loaded(logger, estimator.Name, version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return new ServedModel(saved.Card, model);
    }
}
