using System.Globalization;
using Media.Bandit;
using Media.Lake;

namespace Media.Registry;

/// <summary>A bandit's snapshot under the number it was saved as.</summary>
/// <param name="Version">From 1, rising.</param>
public sealed record SavedBandit(int Version, BanditSnapshot Snapshot);

/// <summary>A contextual bandit's snapshot under the number it was saved as.</summary>
/// <param name="Version">From 1, rising.</param>
public sealed record SavedContextualBandit(int Version, ContextualSnapshot Snapshot);

/// <summary>Keeps each bandit's snapshots: <c>bandit/{bandit}/{version, seven digits}.json</c>, never overwritten, the highest is current.</summary>
/// <remarks>Thread-safe, also between processes.</remarks>
public sealed class BanditRegistry(IObjectStore store)
{
    /// <summary>Saves the snapshot as the next version, which is current from then on.</summary>
    /// <returns>The version.</returns>
    public Task<int> SaveAsync(BanditSnapshot snapshot, CancellationToken cancel) => SaveAsync(snapshot.Bandit, snapshot.ToJson(), cancel);

    /// <inheritdoc cref="SaveAsync(BanditSnapshot, CancellationToken)"/>
    public Task<int> SaveAsync(ContextualSnapshot snapshot, CancellationToken cancel) => SaveAsync(snapshot.Bandit, snapshot.ToJson(), cancel);

    /// <summary>The newest version's number, 0 when there is none.</summary>
    public async Task<int> LatestAsync(string bandit, CancellationToken cancel)
    {
        var latest = 0;
        await foreach (var stored in store.ListAsync(Folder(bandit), cancel))
            if (int.TryParse(Path.GetFileNameWithoutExtension(stored.Key), NumberStyles.None, CultureInfo.InvariantCulture, out var version)) latest = Math.Max(latest, version);
        return latest;
    }

    /// <summary>The newest snapshot, or null when none was saved yet.</summary>
    /// <exception cref="InvalidDataException">The stored bytes are no snapshot.</exception>
    public async Task<SavedBandit?> CurrentAsync(string bandit, CancellationToken cancel)
    {
        return await NewestAsync(bandit, cancel) is { } newest ? new SavedBandit(newest.Version, BanditSnapshot.FromJson(newest.Json)) : null;
    }

    /// <summary>The newest snapshot of a contextual bandit, or null when none was saved yet.</summary>
    /// <exception cref="InvalidDataException">The stored bytes are no such snapshot.</exception>
    public async Task<SavedContextualBandit?> CurrentContextualAsync(string bandit, CancellationToken cancel)
    {
        return await NewestAsync(bandit, cancel) is { } newest ? new SavedContextualBandit(newest.Version, ContextualSnapshot.FromJson(newest.Json)) : null;
    }

    private async Task<int> SaveAsync(string bandit, byte[] json, CancellationToken cancel)
    {
        var version = await LatestAsync(bandit, cancel);
        do version++;
        while (!await store.TryPutAsync(Key(bandit, version), json, cancel));
        return version;
    }

    private async Task<(int Version, byte[] Json)?> NewestAsync(string bandit, CancellationToken cancel)
    {
        var version = await LatestAsync(bandit, cancel);
        if (version == 0) return null;
        var key = Key(bandit, version);
        return (version, await store.GetAsync(key, cancel) ?? throw new InvalidDataException($"'{key}' was listed but cannot be found."));
    }

    private static string Folder(string bandit) => $"bandit/{bandit}/";

    private static string Key(string bandit, int version) => string.Create(CultureInfo.InvariantCulture, $"{Folder(bandit)}{version:D7}.json");
}
