using Media.Events;
using Media.Sessions;

namespace Media.Features;

/// <summary>Tier, segment, device and country of the latest session, one column per value.</summary>
/// <remarks>
/// 1 in the column of the session's value and 0 in the others. All of a field's columns are NaN when the session lacks the field, and all 0 when it
/// has a value without a column (another country): absent and different are not the same.
/// </remarks>
public static class LatestSessionOneHot
{
    public static IReadOnlyList<Feature> All { get; } =
    [
        .. Columns("subscription", ["free", "premium", "pro", "enterprise"], s => Name(s.SubscriptionTier)),
        .. Columns("segment", ["casual", "engaged", "new_visitor", "power_user", "returning", "subscriber"], s => Name(s.UserSegment)),
        .. Columns("device", ["app", "desktop", "mobile", "smart_tv", "tablet"], s => Name(s.DeviceType)),
        .. Columns("country", ["AT", "AU", "CH", "DE", "EU", "FR", "UK", "US"], s => s.Country is "GB" ? "UK" : s.Country),
    ];

    private static IEnumerable<Feature> Columns(string field, string[] values, Func<Session, string?> of) => values.Select(value =>
        new Feature($"{field}_{value}", "flag", $"the latest session's {field} is {value}{(value is "UK" ? " (ISO 3166: GB)" : "")}",
            (p, _) => of(p.Latest) is not { } known ? double.NaN : known == value ? 1 : 0));

    private static string? Name<TEnum>(TEnum? value) where TEnum : struct, Enum => value is { } known ? Vocabulary<TEnum>.Name(known) : null;
}
