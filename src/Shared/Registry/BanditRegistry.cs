using System.Globalization;
using Media.Bandit;
using Media.Lake;

namespace Media.Registry;

/// <summary>A bandit's snapshot under the number it was saved as.</summary>
/// <param name="Version">From 1, rising.</param>
public sealed record SavedBandit(int Version, IBanditSnapshot Snapshot);

/// <summary>Keeps each bandit's snapshots: <c>bandit/{bandit}/{version, seven digits}.json</c>, never overwritten, the highest is current.</summary>
/// <remarks>Thread-safe, also between processes.</remarks>
public sealed class BanditRegistry(IObjectStore store)
{
    /// <summary>Saves the snapshot as the next version, which is current from then on.</summary>
    /// <returns>The version.</returns>
    public async Task<int> SaveAsync(IBanditSnapshot snapshot, CancellationToken cancel)
    {
        var (version, json) = (await LatestAsync(snapshot.Bandit, cancel), snapshot.ToJson());
        do version++;
        while (!await store.TryPutAsync(Key(snapshot.Bandit, version), json, cancel));
        return version;
    }

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
        var version = await LatestAsync(bandit, cancel);
        if (version == 0) return null;
        var key = Key(bandit, version);
        return new SavedBandit(version, IBanditSnapshot.FromJson(await store.GetAsync(key, cancel) ?? throw new InvalidDataException($"'{key}' was listed but cannot be found.")));
    }

    private static string Folder(string bandit) => $"bandit/{bandit}/";

    private static string Key(string bandit, int version) => string.Create(CultureInfo.InvariantCulture, $"{Folder(bandit)}{version:D7}.json");
}
