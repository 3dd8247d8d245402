using Media.Events;

namespace Media.Actions;

// Actions: what a person can do tomorrow because a model said so.
//   Scores and reasons of the models → ReaderActions (whom to win back, whom to make an offer) and what editors should look at → SuggestedAction, a row of the lake's table.

/// <summary>What an action is about.</summary>
public enum ActionKind { WinBack, Offer, Trending, UnderPerforming, Headline }

/// <summary>One thing to do, for whom or for which article, and why.</summary>
/// <param name="UserId">Whom it is about; null for an action about an article.</param>
/// <param name="ArticleId">The article to show to the reader, or the one that editors should look at; null when there is none.</param>
/// <param name="Suggestion">What to do, in a sentence.</param>
/// <param name="Score">A probability for readers, expected views for articles, the expected factor of the click rate for headlines; NaN when there is none.</param>
/// <param name="Reasons">At most three, the strongest first, in words.</param>
/// <param name="Models">Names and versions that it rests on, for example <c>churn v3, recommendation v1</c>.</param>
/// <param name="AsOfMicros">µs since the Unix epoch, UTC: everything before it was known.</param>
public sealed record SuggestedAction(ActionKind Kind, UserId? UserId, string? ArticleId, string Suggestion, double Score, IReadOnlyList<string> Reasons, string Models, long AsOfMicros);
