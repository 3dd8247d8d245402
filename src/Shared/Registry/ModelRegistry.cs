using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Media.Lake;
using Media.Models;

namespace Media.Registry;

/// <summary>A model's bytes and the card beside them, as saved.</summary>
public sealed record SavedModel(byte[] Model, ModelCard Card)
{
    /// <summary>The fitted model that the bytes are.</summary>
    /// <exception cref="ArgumentException">The catalogue has no model of the card's name.</exception>
    /// <exception cref="InvalidDataException">The bytes are not such a model.</exception>
    public IModel Open() => ModelCatalog.Get(Card.Name).Load(new MemoryStream(Model, writable: false));
}

/// <summary>Keeps each model's versions and the history of which one is current.</summary>
/// <remarks>
/// <code>
///   models/{model}/{version, seven digits}/model.bin        put first: whoever puts it owns the version
///   models/{model}/{version, seven digits}/card.json        put second: a version without a card was never finished and is not seen
///   models/{model}/promotions/{number, seven digits}.json   put last, one more for each change; the highest says which version is current
/// </code>
/// Nothing is ever overwritten, so a version means the same bytes for ever and a crash leaves the former version current. The SHA-256 in the
/// card covers the model's bytes. Thread-safe, also between processes.
/// </remarks>
public sealed partial class ModelRegistry(IObjectStore store, TimeProvider time)
{
    private const string Root = "models/";
    private const string Promotions = "promotions";

    /// <summary>Models that have a current version, in ordinal order.</summary>
    public async Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancel)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var stored in store.ListAsync(Root, cancel))
            if (stored.Key.Split('/') is [_, var name, Promotions, _]) names.Add(name);
        return [.. names];
    }

    /// <summary>Saves the model as its next version, which is current from then on.</summary>
    /// <remarks>Of several who save at once each gets a version of its own; the last to finish is current.</remarks>
    /// <returns>The card with its version, SHA-256 and size filled in.</returns>
    /// <exception cref="ArgumentException">The name is not snake_case, the card is another model's, or there are no bytes.</exception>
    public async Task<ModelCard> SaveAsync(string name, byte[] model, ModelCard card, CancellationToken cancel)
    {
        RequireName(name);
        if (card.Name != name) throw new ArgumentException($"The card is of model '{card.Name}', expected '{name}'.", nameof(card));
        if (model.Length == 0) throw new ArgumentException($"Model '{name}' has no bytes.", nameof(model));

        var version = (await VersionFilesAsync(name, cancel)).Keys.DefaultIfEmpty(0).Max();
        do version++;
        while (!await store.TryPutAsync(ModelKey(name, version), model, cancel));
        var saved = card with { Version = version, Sha256 = Sha256(model), Bytes = model.Length };
        await store.PutAsync(CardKey(name, version), saved.ToJson(), cancel);
        await AppendAsync(name, new Promotion(version, PromotionKind.Saved, Environment.UserName, time.GetUtcNow(), "saved"), cancel);
        return saved;
    }

    /// <summary>The model and its card, once the bytes are those the card was written for.</summary>
    /// <param name="version">null: the current one.</param>
    /// <exception cref="ModelNotFoundException">Nothing was saved, or not this version.</exception>
    /// <exception cref="InvalidDataException">The bytes or the card were changed since they were saved.</exception>
    public async Task<SavedModel> LoadAsync(string name, int? version, CancellationToken cancel)
    {
        RequireName(name);
        var wanted = version ?? await CurrentVersionAsync(name, cancel) ?? throw NothingSaved(name);
        var cardKey = CardKey(name, wanted);
        if (await store.GetAsync(cardKey, cancel) is not { } json) throw await NoSuchVersionAsync(name, wanted, cancel);

        var card = ModelCard.FromJson(json);
        if (card.Name != name || card.Version != wanted) throw new InvalidDataException($"'{cardKey}' is the card of model '{card.Name}' version {card.Version}; put the right one back.");
        var modelKey = ModelKey(name, wanted);
        var model = await store.GetAsync(modelKey, cancel) ?? throw new InvalidDataException($"'{modelKey}' is missing though its card is there; roll back or train anew.");
        if (model.Length != card.Bytes || Sha256(model) != card.Sha256)
            throw new InvalidDataException($"'{modelKey}' is not what was saved: {model.Length} bytes with SHA-256 {Sha256(model)}, but the card says {card.Bytes} with {card.Sha256}; roll back or train anew.");
        return new SavedModel(model, card);
    }

    /// <summary>Every finished version, rising; empty when there is none.</summary>
    public async Task<IReadOnlyList<int>> VersionsAsync(string name, CancellationToken cancel)
    {
        RequireName(name);
        return [.. (await VersionFilesAsync(name, cancel)).Where(v => v.Value).Select(v => v.Key)];
    }

    /// <summary>The version in use, or null when nothing was saved.</summary>
    public async Task<int?> CurrentVersionAsync(string name, CancellationToken cancel)
    {
        RequireName(name);
        var latest = await LatestPromotionAsync(name, cancel);
        return latest == 0 ? null : (await PromotionAsync(name, latest, cancel)).Version;
    }

    /// <summary>Makes a saved version current.</summary>
    /// <param name="who">kept in the history</param>
    /// <param name="why">kept in the history</param>
    /// <exception cref="ModelNotFoundException">There is no such version.</exception>
    public async Task PromoteAsync(string name, int version, string who, string why, CancellationToken cancel)
    {
        RequireName(name);
        if (await store.FindAsync(CardKey(name, version), cancel) is null) throw await NoSuchVersionAsync(name, version, cancel);
        await AppendAsync(name, new Promotion(version, PromotionKind.Promoted, who, time.GetUtcNow(), why), cancel);
    }

    /// <summary>Makes the version current that was so before the present one; repeated, it goes on back.</summary>
    /// <param name="who">kept in the history</param>
    /// <param name="why">kept in the history</param>
    /// <returns>The version that is current now.</returns>
    /// <exception cref="ModelNotFoundException">Nothing was saved.</exception>
    /// <exception cref="InvalidOperationException">There is no earlier version, or another promotion came between.</exception>
    public async Task<int> RollbackAsync(string name, string who, string why, CancellationToken cancel)
    {
        var history = await HistoryAsync(name, cancel);
        if (history.Count == 0) throw NothingSaved(name);
        var current = new Stack<int>();
        foreach (var promotion in history)
            if (promotion.Kind == PromotionKind.RolledBack) current.Pop();
            else if (!current.TryPeek(out var top) || top != promotion.Version) current.Push(promotion.Version);
        var from = current.Pop();
        if (!current.TryPeek(out var version)) throw new InvalidOperationException($"Model '{name}' has had no current version before {from}; promote another one.");
        var rollback = new Promotion(version, PromotionKind.RolledBack, who, time.GetUtcNow(), why);
        // Not retried at the next number: what was meant is "away from the version seen", and that may be gone already.
        if (!await store.TryPutAsync(PromotionKey(name, history.Count + 1), rollback.ToJson(), cancel))
            throw new InvalidOperationException($"Model '{name}' got another current version at the same moment; look at its history and repeat.");
        return version;
    }

    /// <summary>Every change of the current version, oldest first; the last one holds.</summary>
    /// <exception cref="InvalidDataException">A promotion is missing or cannot be read.</exception>
    public async Task<IReadOnlyList<Promotion>> HistoryAsync(string name, CancellationToken cancel)
    {
        RequireName(name);
        var history = new Promotion[await LatestPromotionAsync(name, cancel)];
        for (var i = 0; i < history.Length; i++) history[i] = await PromotionAsync(name, i + 1, cancel);
        return history;
    }

    private async Task AppendAsync(string name, Promotion promotion, CancellationToken cancel)
    {
        var json = promotion.ToJson();
        var number = await LatestPromotionAsync(name, cancel);
        do number++;
        while (!await store.TryPutAsync(PromotionKey(name, number), json, cancel));
    }

    private async Task<Promotion> PromotionAsync(string name, int number, CancellationToken cancel)
    {
        var key = PromotionKey(name, number);
        return Promotion.FromJson(await store.GetAsync(key, cancel) ?? throw new InvalidDataException($"'{key}' is missing from the history."));
    }

    private async Task<int> LatestPromotionAsync(string name, CancellationToken cancel)
    {
        var latest = 0;
        await foreach (var stored in store.ListAsync($"{Root}{name}/{Promotions}/", cancel))
            if (int.TryParse(Path.GetFileNameWithoutExtension(stored.Key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) latest = Math.Max(latest, number);
        return latest;
    }

    /// <summary>Versions begun, rising, and whether each has its card.</summary>
    private async Task<SortedDictionary<int, bool>> VersionFilesAsync(string name, CancellationToken cancel)
    {
        var versions = new SortedDictionary<int, bool>();
        await foreach (var stored in store.ListAsync($"{Root}{name}/", cancel))
            if (stored.Key.Split('/') is [_, _, var folder, var file] && int.TryParse(folder, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                versions[version] = versions.GetValueOrDefault(version) || file == "card.json";
        return versions;
    }

    private async Task<ModelNotFoundException> NoSuchVersionAsync(string name, int version, CancellationToken cancel)
    {
        var versions = await VersionsAsync(name, cancel);
        return versions.Count == 0 ? NothingSaved(name) : new ModelNotFoundException($"Model '{name}' has no version {version}; it has {string.Join(", ", versions)}.");
    }

    private static ModelNotFoundException NothingSaved(string name) => new($"Model '{name}' has no saved version; run 'jobs train {name}'.");

    private static void RequireName(string name)
    {
        if (!SnakeCase().IsMatch(name)) throw new ArgumentException($"'{name}' is no model name: expected snake_case.", nameof(name));
    }

    private static string ModelKey(string name, int version) => string.Create(CultureInfo.InvariantCulture, $"{Root}{name}/{version:D7}/model.bin");
    private static string CardKey(string name, int version) => string.Create(CultureInfo.InvariantCulture, $"{Root}{name}/{version:D7}/card.json");
    private static string PromotionKey(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{Root}{name}/{Promotions}/{number:D7}.json");
    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}\\z")]
    private static partial Regex SnakeCase();
}

/// <summary>The registry does not hold the model or the version asked for; the message says what it has or how to get one.</summary>
public sealed class ModelNotFoundException(string message) : InvalidOperationException(message);
