using Media.Bandit;
using Media.Events;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Media.Serving;

/// <param name="UserId">Whom the ad is for, 1–64 characters; logged.</param>
/// <param name="UserSegment">The reader's segment, spelled as in the events; when it is not given, that of the reader's latest session in the lake.</param>
public sealed record ChooseRequest(string UserId, string? UserSegment = null);

/// <summary>Which slot to fill.</summary>
/// <param name="DecisionId">To be sent back with the reward.</param>
/// <param name="Propensity">The probability with which this slot was drawn.</param>
/// <param name="UserSegment">The segment that was decided for; <c>unknown</c> when neither the request nor the lake tells it.</param>
/// <param name="Policy">Name of the policy that decided; one without segments answers all alike.</param>
/// <param name="PolicyVersion">Version of the snapshot in the registry (0 = the prior), a dot, version of the probabilities since, of this segment where the policy knows segments.</param>
/// <param name="AsOf">Newest instant the snapshot learned from; absent for the prior.</param>
public sealed record ChooseAnswer(string DecisionId, string Slot, double Propensity, string UserSegment, string Policy, string PolicyVersion, DateTimeOffset? AsOf);

/// <param name="RevenueUsd">USD, finite, ≥ 0; 0 without a click.</param>
public sealed record RewardRequest(string DecisionId, bool Clicked, double RevenueUsd = 0);

/// <param name="Outcome"><c>accepted</c>, or <c>duplicate</c> when the decision has its reward already and nothing changed.</param>
public sealed record RewardAnswer(string DecisionId, string Outcome, string PolicyVersion, DateTimeOffset? AsOf);

internal static class BanditApi
{
    internal static void MapBandit(this IEndpointRouteBuilder routes)
    {
        var bandit = routes.MapGroup("/bandit/ad-slot").WithTags("Bandit").ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
        bandit.MapPost("/choose", Choose).WithName("choose_ad_slot").WithSummary("Chooses an ad slot by Thompson sampling and logs the decision.")
            .WithDescription("By the policy that 'jobs bandit' found best on the log: for all readers alike, or for the reader's segment. Every slot keeps a least probability, and the answer says with which one the slot was drawn.")
            .ProducesProblem(503);
        bandit.MapPost("/reward", Reward).WithName("reward_ad_slot").WithSummary("Reports what a decision brought; safe to repeat.")
            .WithDescription("200 accepted or duplicate; 404 for a decision that is unknown or too old to be remembered; 410 when the reward window had passed: the decision counts as reward 0.")
            .ProducesProblem(404).ProducesProblem(410);
    }

    private static Results<Ok<ChooseAnswer>, ProblemHttpResult> Choose(ChooseRequest request, AdSlotBandit bandit, LatestFeatures features)
    {
        if (request.UserId.Length is 0 or > UserId.MaxLength) return Problems.BadRequest($"user_id has {request.UserId.Length} characters but must have 1 to {UserId.MaxLength}.");
        if (request.UserSegment is { } given && !Vocabulary<UserSegment>.TryParse(given, out _))
            return Problems.BadRequest($"user_segment is '{given}' but must be one of {string.Join(", ", Vocabulary<UserSegment>.Names)}.");
        var segment = request.UserSegment ?? features.Rows.SegmentOf(request.UserId) ?? AdLog.UnknownSegment;
        return bandit.Choose(request.UserId, segment) is (var made, var by)
            ? TypedResults.Ok(new ChooseAnswer(made.DecisionId, made.Arm, made.Propensity, segment, by.Policy, made.PolicyVersion, by.AsOf))
            : Problems.Of(503, "The lake cannot be written, so a decision could not be logged; try again later.");
    }

    private static Results<Ok<RewardAnswer>, ProblemHttpResult> Reward(RewardRequest request, AdSlotBandit bandit)
    {
        if (!(request.RevenueUsd >= 0 && double.IsFinite(request.RevenueUsd))) return Problems.BadRequest("revenue_usd must be finite and ≥ 0.");
        if (!request.Clicked && request.RevenueUsd > 0) return Problems.BadRequest("revenue_usd is above 0 without a click; only a click earns.");
        var outcome = bandit.Reward(request.DecisionId, request.Clicked, request.RevenueUsd);
        var state = bandit.State;
        return outcome switch
        {
            RewardOutcome.Unknown => Problems.NotFound($"There is no decision '{request.DecisionId}', or it is too old to be remembered."),
            RewardOutcome.Expired => Problems.Of(410, $"The reward window of decision '{request.DecisionId}' has passed; it counts as reward 0."),
            _ => TypedResults.Ok(new RewardAnswer(request.DecisionId, Vocabulary<RewardOutcome>.Name(outcome), state.PolicyVersion, state.AsOf)),
        };
    }
}
