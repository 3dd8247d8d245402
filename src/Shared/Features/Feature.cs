namespace Media.Features;

/// <summary>One number that a reader's past sessions give, as of an instant.</summary>
/// <param name="Name">The contract's name, snake_case.</param>
/// <param name="Definition">What it is, exactly.</param>
/// <param name="Value">Its value from the profile of all sessions that ended before the instant (µs since the Unix epoch, UTC); NaN = absent.</param>
public sealed record Feature(string Name, string Unit, string Definition, Func<UserProfile, long, double> Value)
{
    public override string ToString() => Name;
}
