using System.CommandLine;
using System.Globalization;
using Media.Models;
using Media.Registry;

namespace Media.Jobs;

/// <summary>The verbs <c>models</c>, <c>promote</c> and <c>rollback</c>: which versions the registry holds, and which one serves.</summary>
/// <remarks>A server that runs takes up the change at its next look, within seconds.</remarks>
internal static class ModelVersions
{
    private static readonly Option<string?> Why = new("--why") { Description = "The reason, kept in the model's history." };

    public static IEnumerable<Command> Commands(JobConsole console, TimeProvider time)
    {
        yield return Models(console, time);
        yield return Promote(console, time);
        yield return Rollback(console, time);
    }

    private static Command Models(JobConsole console, TimeProvider time)
    {
        var model = JobOptions.Model("The model whose versions and history to list. Default: every model's versions.", ArgumentArity.ZeroOrOne);
        var verb = new Command("models", "Lists the saved versions of the models: stage, metric, rows, date; of one model also how each came to serve.") { model, JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var registry = RegistryOf(parsed, time);
            var only = parsed.GetValue(model);
            IReadOnlyList<string> names = only is null ? await registry.ModelsAsync(cancel) : [only];
            var rows = new List<IReadOnlyList<string>>();
            foreach (var name in names)
            {
                var current = await registry.CurrentVersionAsync(name, cancel);
                foreach (var version in await registry.VersionsAsync(name, cancel)) rows.Add(await RowAsync(registry, name, version, version == current, cancel));
            }
            if (rows.Count == 0) throw new JobException(only is null ? "The registry holds no model yet; run 'jobs train' first." : $"Model '{only}' has no saved version; run 'jobs train {only}'.");
            console.Table(["model", "version", "stage", "metric", "95 % CI", "training rows", "trained at"], rows);
            if (only is not null)
                console.Table(["when", "version", "how", "by", "why"], (await registry.HistoryAsync(only, cancel)).Select(p => (IReadOnlyList<string>)
                    [Instant(p.When), Version(p.Version), p.Kind switch { PromotionKind.Saved => "saved", PromotionKind.Promoted => "promoted", _ => "rolled back" }, p.Who, p.Why]));
            return 0;
        });
        return verb;
    }

    private static Command Promote(JobConsole console, TimeProvider time)
    {
        var model = JobOptions.Model("The model.", ArgumentArity.ExactlyOne);
        var version = new Argument<int>("version") { Description = "The version that is to serve; 'jobs models' lists them." };
        version.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)) result.AddError($"'{token.Value}' is no version; versions are numbers from 1.");
        });
        var verb = new Command("promote", "Makes a saved version of a model the one that serves, once its bytes have proved whole.") { model, version, Why, JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var (registry, name, wanted) = (RegistryOf(parsed, time), parsed.GetRequiredValue(model), parsed.GetRequiredValue(version));
            (await registry.LoadAsync(name, wanted, cancel)).Open();
            if (await registry.CurrentVersionAsync(name, cancel) == wanted)
            {
                console.Line($"{name} version {Version(wanted)} serves already.");
                return 0;
            }
            await registry.PromoteAsync(name, wanted, Environment.UserName, parsed.GetValue(Why) ?? "promoted from the command line", cancel);
            console.Line($"{name} version {Version(wanted)} serves from now on.");
            return 0;
        });
        return verb;
    }

    private static Command Rollback(JobConsole console, TimeProvider time)
    {
        var model = JobOptions.Model("The model.", ArgumentArity.ExactlyOne);
        var verb = new Command("rollback", "Makes the version of a model serve again that did so before the present one; repeated, it goes on back.") { model, Why, JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetRequiredValue(model);
            var version = await RegistryOf(parsed, time).RollbackAsync(name, Environment.UserName, parsed.GetValue(Why) ?? "rolled back from the command line", cancel);
            console.Line($"{name} version {Version(version)} serves again.");
            return 0;
        });
        return verb;
    }

    private static ModelRegistry RegistryOf(ParseResult parsed, TimeProvider time) => new(JobConfiguration.Folder(parsed).OpenRegistry(), time);

    private static async Task<IReadOnlyList<string>> RowAsync(ModelRegistry registry, string name, int version, bool current, CancellationToken cancel)
    {
        ModelCard card;
        try { card = (await registry.LoadAsync(name, version, cancel)).Card; }
        catch (InvalidDataException) { return [name, Version(version), current ? "current, damaged" : "damaged", "–", "–", "–", "–"]; } // the others can still be listed; promoting this one says what is wrong
        var own = card.Metrics.FirstOrDefault(m => m.Model == name);
        var lead = own?.Metrics.FirstOrDefault(m => m.Metric == (ModelCatalog.Get(name) as ILabelledEstimator)?.LeadMetric);
        return
        [
            name, Version(version), current ? "current" : "former",
            lead is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{ModelResult.Heading(lead.Metric)} {lead.Value:0.000}"),
            lead is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{lead.Low:0.000} – {lead.High:0.000}"),
            JobConsole.Count(card.TrainRows), Instant(card.TrainedAt),
        ];
    }

    private static string Version(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
