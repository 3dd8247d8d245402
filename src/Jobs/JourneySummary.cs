using System.Globalization;
using Media.Features;
using Media.Lake;

namespace Media.Jobs;

/// <summary>The journey in some thirty lines: the same on the terminal and at the head of the report.</summary>
/// <param name="Lines">Plain text; the same figures for the same source, options and seed.</param>
internal sealed record JourneySummary(IReadOnlyList<string> Lines)
{
    public static JourneySummary Of(EventSource source, IngestResult ingest, LakeSessions sessions, FeatureBatch features, TrainingOutcome training, IReadOnlyList<CurrentModel> models, IReadOnlyList<Prediction> predictions, BanditResult? bandit)
    {
        var counts = ingest.Counts;
        var lines = new List<string>
        {
            $"Source        {source.Title}",
            $"Events        {N(counts.Received)} in = {N(counts.Good)} good + {N(counts.Bad)} bad; of the good {N(counts.Accepted)} in sessions, {N(counts.Late)} late, {N(counts.Duplicates)} duplicates",
            $"Sessions      {N(sessions.Rows)}, {N(sessions.DistinctIds)} distinct ids, {N(sessions.Timelines.Count)} readers, {sessions.FirstStart:yyyy-MM-dd} to {sessions.LastEnd:yyyy-MM-dd}",
            $"Lake          {N(ingest.EventRows)} events, {N(ingest.BadEventRows)} bad events, {N(ingest.SessionRows)} sessions; Delta, {ingest.EventBytes / 1e6:N0} MB of events",
            $"Features      {N(features.Rows)} readers × {features.Names.Count} as of {sessions.Now:yyyy-MM-dd}",
        };
        foreach (var model in training.Evaluated)
        {
            var lead = model.LeadEstimate;
            var share = model.ShareOfCeiling is { } s ? F($"; {s.Value:P1} of the ceiling's lift{(model.ShareOfKnowable is { } k ? F($", {k.Value:P1} of the knowable's") : "")}") : "";
            var saved = model.Version > 0 ? $"saved as v{model.Version}" : "NOT saved: leak gate";
            lines.Add(F($"{Title(model.Model),-13} {model.LeadHeading} {lead.Value:0.000} [{lead.Low:0.000}, {lead.High:0.000}] on {model.TestRows:N0} later rows{share}; {saved}"));
            lines.Add($"              {model.Gain}");
        }
        foreach (var skipped in training.Skipped) lines.Add($"Not trained   {skipped}");
        if (training.Segments is { } segments)
            lines.Add(F($"Segments      {segments.Profiles.Count}; silhouette {segments.Chosen.Silhouette:0.000}, stability {segments.Chosen.Stability:0.00}; largest: {segments.Profiles.MaxBy(p => p.Users)!.Name}"));
        lines.Add(bandit is null ? "Bandit        not run: this source has no ads" : $"Bandit        {bandit.Served} serves, learned from {N(bandit.Decisions)} shown ads");
        if (bandit is { Thompson: { } thompson })
            lines.Add(F($"              plain Thompson ${thompson.RevenueUsd:0.00} in {bandit.Rounds:N0} ad decisions, ${thompson.MinusUniformUsd.Value:0.00} [{thompson.MinusUniformUsd.Low:0.00}, {thompson.MinusUniformUsd.High:0.00}] more than uniform; better in {thompson.BeatsUniform} of {bandit.Seeds} runs"));
        // Whoever has been away for longer than churn looks ahead has left already: nobody asks about them.
        var away = features.Entities.Zip(features.Column("days_since_last_session")).ToDictionary(r => r.First, r => r.Second, StringComparer.Ordinal);
        var days = models.FirstOrDefault(m => m.Card.Name == "churn")?.Card.HorizonDays;
        if (predictions.Where(p => p.Model == "churn" && away[p.UserId.Value] <= days).MaxBy(p => p.Score) is { } highest)
            lines.Add(F($"Prediction    {N(predictions.Count)} in the lake; most likely to leave: {highest.UserId}, churn {highest.Score:0.000}"));
        return new JourneySummary(lines);
    }

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Title(string model) => char.ToUpperInvariant(model[0]) + model[1..];
}
