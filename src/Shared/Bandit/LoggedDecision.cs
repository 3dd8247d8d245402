namespace Media.Bandit;

/// <summary>A decision as the API made it: what off-policy valuation needs.</summary>
/// <param name="Bandit">Which choice, for example <c>ad_slot</c>.</param>
/// <param name="Arm">The arm's name.</param>
/// <param name="Propensity">The very probability with which the arm was drawn.</param>
/// <param name="PolicyVersion">Version of the snapshot in the registry, a dot, version of the context's probabilities since.</param>
/// <param name="DecidedAtMicros">µs since the Unix epoch, UTC.</param>
/// <param name="Context">What the policy knew of the reader, for example the segment; null in logs from before it was written down.</param>
public sealed record LoggedDecision(string DecisionId, string Bandit, string UserId, string Arm, double Propensity, string PolicyVersion, long DecidedAtMicros, string? Context = null);

/// <summary>A decision with its one and final reward; no click within the window counts as reward 0.</summary>
/// <param name="RecordedAtMicros">µs since the Unix epoch, UTC: when the reward became final, never falling from row to row of one writer.</param>
public sealed record LoggedReward(LoggedDecision Decision, bool Clicked, double RevenueUsd, long RecordedAtMicros);
