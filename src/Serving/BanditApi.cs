using Media.Bandit;
using Media.Events;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Media.Serving;

/// <param name="UserId">Whom the ad is for, 1–64 characters; logged.</param>
public sealed record ChooseRequest(string UserId);

/// <summary>Which slot to fill.</summary>
/// <param name="DecisionId">To be sent back with the reward.</param>
/// <param name="Propensity">The probability with which this slot was drawn.</param>
/// <param name="PolicyVersion">Version of the snapshot in the registry (0 = the prior), a dot, version of the probabilities since.</param>
/// <param name="AsOf">Newest instant the snapshot learned from; absent for the prior.</param>
public sealed record ChooseAnswer(string DecisionId, string Slot, double Propensity, string PolicyVersion, DateTimeOffset? AsOf);

/// <param name="RevenueUsd">USD, finite, ≥ 0; 0 without a click.</param>
public sealed record RewardRequest(string DecisionId, bool Clicked, double RevenueUsd = 0);

/// <param name="Outcome"><c>accepted</c>, or <c>duplicate</c> when the decision has its reward already and nothing changed.</param>
public sealed record RewardAnswer(string DecisionId, string Outcome, string PolicyVersion, DateTimeOffset? AsOf);

internal static class BanditApi
{
    internal static void MapBandit(this IEndpointRouteBuilder routes)
    {
        var bandit = routes.MapGroup("/bandit/ad-slot").WithTags("Bandit").ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
        bandit.MapPost("/choose", Choose).WithName("choose_ad_slot").WithSummary("Chooses an ad slot by Thompson sampling and logs the decision.").ProducesProblem(503);
        bandit.MapPost("/reward", Reward).WithName("reward_ad_slot").WithSummary("Reports what a decision brought; safe to repeat.")
            .WithDescription("200 accepted or duplicate; 404 for a decision that is unknown or too old to be remembered; 410 when the reward window had passed: the decision counts as reward 0.")
            .ProducesProblem(404).ProducesProblem(410);
    }

    private static Results<Ok<ChooseAnswer>, ProblemHttpResult> Choose(ChooseRequest request, AdSlotBandit bandit)
    {
        if (request.UserId.Length is 0 or > UserId.MaxLength) return Problems.BadRequest($"user_id has {request.UserId.Length} characters but must have 1 to {UserId.MaxLength}.");
        return bandit.Choose(request.UserId) is { } made
            ? TypedResults.Ok(new ChooseAnswer(made.DecisionId, made.Arm, made.Propensity, made.PolicyVersion, bandit.State.AsOf))
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
