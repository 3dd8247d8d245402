using Apache.Arrow;
using Media.Actions;
using Media.Events;

namespace Media.Lake;

/// <summary>Actions as rows of <see cref="Tables.Actions"/> and back. Pure, thread-safe.</summary>
public static class ActionColumns
{
    private static readonly string[] ReasonColumns = ["reason_1", "reason_2", "reason_3"];

    /// <param name="suggestedAtMicros">µs since the Unix epoch, UTC.</param>
    /// <exception cref="ArgumentException">An action has more than three reasons.</exception>
    public static RecordBatch From(IReadOnlyList<SuggestedAction> actions, long suggestedAtMicros)
    {
        var batch = new BatchWriter(Tables.Actions, actions.Count);
        TextWriter kind = batch.Text("kind"), user = batch.Text("user_id"), article = batch.Text("article_id"), suggestion = batch.Text("suggestion"), models = batch.Text("models");
        var score = batch.Doubles("score");
        TextWriter[] reasons = [.. ReasonColumns.Select(batch.Text)];
        ValueWriter<long> asOf = batch.Longs("as_of"), suggestedAt = batch.Longs("suggested_at");
        var date = batch.Integers("as_of_date");
        for (var row = 0; row < actions.Count; row++)
        {
            var action = actions[row];
            if (action.Reasons.Count > reasons.Length) throw new ArgumentException($"Action {row} has {action.Reasons.Count} reasons but at most {reasons.Length} are kept.", nameof(actions));
            kind.Set<ActionKind>(row, action.Kind);
            user.Set(row, action.UserId?.Value);
            article.Set(row, action.ArticleId);
            suggestion.Set(row, action.Suggestion);
            if (double.IsFinite(action.Score)) score.Set(row, action.Score);
            for (var i = 0; i < action.Reasons.Count; i++) reasons[i].Set(row, action.Reasons[i]);
            models.Set(row, action.Models);
            asOf.Set(row, action.AsOfMicros);
            suggestedAt.Set(row, suggestedAtMicros);
            date.Set(row, EpochDays.Of(action.AsOfMicros));
        }
        return batch.Build();
    }

    /// <summary>The rows as actions, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of actions.</exception>
    public static SuggestedAction[] Read(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        TextReader kind = columns.Text("kind"), user = columns.Text("user_id"), article = columns.Text("article_id"), suggestion = columns.Text("suggestion"), models = columns.Text("models");
        var score = columns.Doubles("score");
        TextReader[] reasons = [.. ReasonColumns.Select(columns.Text)];
        var asOf = columns.Times("as_of");
        var actions = new SuggestedAction[batch.Length];
        for (var row = 0; row < actions.Length; row++)
            actions[row] = new SuggestedAction(kind.NeedWord<ActionKind>(row), user[row] is { } id ? new UserId(id) : null, article[row], suggestion.Need(row), score[row] ?? double.NaN,
                [.. reasons.Select(r => r[row]).OfType<string>()], models.Need(row), asOf.Need(row));
        return actions;
    }
}
