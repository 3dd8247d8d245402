using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events.Archives;

namespace Media.Jobs;

/// <summary>The evaluation <c>off-policy</c>: what one policy's log says of another policy, beside what that policy's own clicks say.</summary>
internal static class EvaluateOffPolicy
{
    public static Command Command()
    {
        var logged = EvaluateVerb.File("--logged", "Open Bandit log of the policy that showed the items, with its propensities");
        var target = EvaluateVerb.File("--target", "Open Bandit log of the policy to be valued, of the same campaign");
        return EvaluateVerb.Evaluation("off-policy", "Values the policy of one Open Bandit log from another's: IPW, SNIPW, DM, DR, Switch-DR beside the truth.", [logged, target],
            (parsed, remarks, cancel) => Line(OpenBanditArchive.Read(parsed.GetRequiredValue(logged), remarks.WriteLine, cancel), OpenBanditArchive.Read(parsed.GetRequiredValue(target), remarks.WriteLine, cancel), remarks, cancel));
    }

    private static EvaluationLine Line(OpenBanditLog logged, OpenBanditLog target, TextWriter remarks, CancellationToken cancel)
    {
        var values = OffPolicyEvaluation.Evaluate(logged, target, new OffPolicyEvaluationOptions(), cancel);
        remarks.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{logged.Name}: {logged.Rows:N0} rows, worth {values.EffectiveRows:N0} evenly weighted ones for the target policy."));
        if (values.CoveredShare < 1)
            remarks.WriteLine(string.Create(CultureInfo.InvariantCulture, $"No support: {1 - values.CoveredShare:P2} of the rows of {target.Name} show an item where {logged.Name} never shows it; IPW and DR leave their clicks out."));
        // The trivial answer to each: the policies differ in nothing, so the value is the logged mean.
        var baseline = new EvaluationLine();
        foreach (var estimator in new[] { "ipw", "snipw", "dm", "dr", "switch_dr" }) baseline.Add(estimator, values.LoggedMean);
        return new EvaluationLine()
            .Add("truth", values.Truth).Add("ipw", values.Ipw).Add("snipw", values.Snipw).Add("dm", values.Dm).Add("dr", values.Dr).Add("switch_dr", values.SwitchDr)
            .Add("rows_train", (long)logged.Rows).Add("rows_test", (long)target.Rows)
            .Add("checksum", Checksum(logged)).Add("checksum_target", Checksum(target))
            .Add("baseline", baseline);
    }

    private static string Checksum(OpenBanditLog log) =>
        RowChecksum.Of(Enumerable.Range(0, log.Rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"{log.Items[row]},{log.Positions[row]},{log.Clicked[row]}")));
}
