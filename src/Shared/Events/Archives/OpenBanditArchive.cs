namespace Media.Events.Archives;

/// <summary>One policy's log of items shown on a shop page, by column.</summary>
/// <remarks>Every list has one entry per row, in the order of the file. Immutable, thread-safe.</remarks>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Items">The item shown.</param>
/// <param name="Positions">Where on the page.</param>
/// <param name="Clicked">1 or 0.</param>
/// <param name="Propensities">Probability with which the policy showed this item there, in (0, 1].</param>
/// <param name="TimeGroups">Number of the row's time among the distinct neighbouring times, from 0, not falling: rows of one page view share it.</param>
/// <param name="UserFeatures">Per column user_feature_*, per row a code from 0 in order of appearance: hashed categories, the empty text being one.</param>
/// <param name="UserFeatureCategories">Distinct categories per column.</param>
/// <param name="AffinityItems">The items that the columns user-item_affinity_* are about.</param>
/// <param name="AffinityStarts">Rows + 1 entries: where each row's affinities above or below 0 begin in the two lists that follow.</param>
/// <param name="AffinityColumns">Position in <paramref name="AffinityItems"/>.</param>
/// <param name="Affinities">How the user took to the item before.</param>
public sealed record OpenBanditLog(
    string Name, int[] Items, int[] Positions, byte[] Clicked, double[] Propensities, int[] TimeGroups,
    IReadOnlyList<int[]> UserFeatures, IReadOnlyList<int> UserFeatureCategories,
    IReadOnlyList<int> AffinityItems, int[] AffinityStarts, int[] AffinityColumns, float[] Affinities)
{
    public int Rows => Items.Length;
}

/// <summary>Reads the Open Bandit format: what a policy showed on a fashion shop's page, with its propensity and the click.</summary>
/// <remarks>
/// Columns by name, in any order: item_id, position, click, propensity_score; timestamp, without which every row is a page view of its own; user_feature_* and user-item_affinity_* as many
/// as there are, one affinity per item of the campaign. Further columns, such as an unnamed row number, are passed over. A missing affinity is 0.
/// </remarks>
/// <seealso href="https://arxiv.org/abs/2008.07146">Saito et al. 2021, Open Bandit Dataset and Pipeline</seealso>
public static class OpenBanditArchive
{
    private const string UserFeature = "user_feature_";
    private const string Affinity = "user-item_affinity_";

    /// <param name="tell">Told in a sentence how many rows were left out.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A column is missing, there is no row, or more rows cannot be read than <see cref="ArchiveCsv.ReadAll"/> passes over; file and row are named.</exception>
    public static OpenBanditLog Read(string path, Action<string> tell, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path, "item_id", "position", "click", "propensity_score");
        var (item, position, click, propensity, timestamp) = (csv.Ordinal("item_id"), csv.Ordinal("position"), csv.Ordinal("click"), csv.Ordinal("propensity_score"), csv.OrdinalIfAny("timestamp"));
        int[] features = [.. csv.Columns.Where(c => c.StartsWith(UserFeature, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(csv.Ordinal)];
        var affinityColumns = csv.Columns.Where(c => c.StartsWith(Affinity, StringComparison.Ordinal))
            .Select(name => (Item: int.TryParse(name.AsSpan(Affinity.Length), out var id) ? id : throw new InvalidDataException($"{csv.Name} has the column '{name}', which names no item."), Ordinal: csv.Ordinal(name)))
            .OrderBy(c => c.Item).ToList();
        int[] affinityItems = [.. affinityColumns.Select(c => c.Item)], affinities = [.. affinityColumns.Select(c => c.Ordinal)];

        var (items, positions, clicks, propensities, groups) = (new List<int>(), new List<int>(), new List<byte>(), new List<double>(), new List<int>());
        var categories = features.Select(_ => new Dictionary<string, int>(StringComparer.Ordinal)).ToArray();
        var codes = features.Select(_ => new List<int>()).ToArray();
        var (starts, columns, values) = (new List<int> { 0 }, new List<int>(), new List<float>());
        var time = "";
        csv.ReadAll(() =>
        {
            var (itemId, at) = (Whole(csv, item), Whole(csv, position));
            var clicked = csv.Whole(click) switch { 0 => (byte)0, 1 => (byte)1, var other => throw csv.Fault($"has the click {other}, which is neither 0 nor 1") };
            if (csv.IsMissing(propensity)) throw csv.Fault("has no propensity_score");
            var shownWith = csv.Number(propensity) is > 0 and <= 1 and var p ? p : throw csv.Fault($"has the propensity_score {csv.Field(propensity)}, which is not above 0 and at most 1");
            // A row that ends in a fault leaves affinities behind that no row points to: the next writes over them.
            columns.RemoveRange(starts[^1], columns.Count - starts[^1]);
            values.RemoveRange(starts[^1], values.Count - starts[^1]);
            for (var a = 0; a < affinities.Length; a++)
            {
                if (csv.IsMissing(affinities[a]) || (float)csv.Number(affinities[a]) is not (not 0 and var value)) continue;
                columns.Add(a);
                values.Add(value);
            }
            starts.Add(columns.Count);
            items.Add(itemId);
            positions.Add(at);
            clicks.Add(clicked);
            propensities.Add(shownWith);
            var now = timestamp is { } t ? csv.Field(t) : "";
            groups.Add(groups.Count == 0 ? 0 : groups[^1] + (timestamp is not null && now == time ? 0 : 1));
            time = now;
            for (var f = 0; f < features.Length; f++)
            {
                var category = csv.Field(features[f]);
                if (!categories[f].TryGetValue(category, out var code)) categories[f].Add(category, code = categories[f].Count);
                codes[f].Add(code);
            }
        }, tell, cancel);
        if (items.Count == 0) throw new InvalidDataException($"{csv.Name} has no row.");
        return new OpenBanditLog(csv.Name, [.. items], [.. positions], [.. clicks], [.. propensities], [.. groups],
            [.. codes.Select(c => c.ToArray())], [.. categories.Select(c => c.Count)], affinityItems, [.. starts], [.. columns[..starts[^1]]], [.. values[..starts[^1]]]);
    }

    private static int Whole(ArchiveCsv csv, int column) =>
        csv.Whole(column) is >= 0 and <= int.MaxValue and var id ? (int)id : throw csv.Fault($"has '{csv.Field(column)}' in column '{csv.Columns[column]}', which is below 0 or too large");
}
