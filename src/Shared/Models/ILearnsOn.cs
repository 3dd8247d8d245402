using Media.Features;

namespace Media.Models;

/// <summary>A fitted model whose trees can learn on from newer rows; whether they should, readers left out of learning decide.</summary>
public interface ILearnsOn : IModel
{
    /// <summary>Learns on from rows that it has not seen; this model stays as it is.</summary>
    /// <param name="parts">Those of the estimator that fitted it.</param>
    /// <param name="fresh">Newer rows.</param>
    /// <param name="y">One label per row.</param>
    /// <exception cref="ArgumentException">Not one label per row, or labels of another kind than the model's.</exception>
    /// <exception cref="TooFewRowsException">Too few entities for the model's folds, or labels that are all alike.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    ModelUpdate LearnOn(IReadOnlyList<BoostedPart> parts, FeatureBatch fresh, float[] y, LearnOnOptions options, CancellationToken cancel);
}

/// <summary>How far newer rows may change a model.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record LearnOnOptions
{
    /// <summary>Trees grown on the newer rows, as a share of those there are. Default 0.2, range above 0.</summary>
    public double TreeShare { get; init; } = 0.2;

    /// <summary>How much of its old value a refitted leaf keeps. Default 0.9, range 0 – 1.</summary>
    public double Decay { get; init; } = 0.9;
}

/// <summary>What learning on came to.</summary>
/// <param name="Model">The model to use: another one where an update was taken, else the one that was asked.</param>
/// <param name="Parts">In the order of the estimator's parts.</param>
public sealed record ModelUpdate(IModel Model, IReadOnlyList<PartUpdate> Parts)
{
    /// <summary>Whether anything was taken.</summary>
    public bool Taken => Parts.Any(p => p.Taken);

    /// <summary>What was taken and why, in one line.</summary>
    public string Sentence => string.Join("; ", Parts.Select(p => p.Sentence));
}

/// <summary>What learning on came to in one part: each fold's trees were updated by the rows of other folds, and kept the update where it was better on their own fold's rows.</summary>
/// <param name="Part">Its name; empty where it is the whole model.</param>
/// <param name="Continued">Folds that took further trees.</param>
/// <param name="Refitted">Folds that took new leaf values.</param>
/// <param name="Before">Mean loss over the rows, each held out of its fold's update, by the old trees.</param>
/// <param name="After">By the trees kept; equal to before where nothing was taken.</param>
public sealed record PartUpdate(string Part, int Folds, int Continued, int Refitted, double Before, double After)
{
    public bool Taken => Continued + Refitted > 0;

    internal string Sentence => Taken
        ? FormattableString.Invariant($"{Prefix}of {Folds} folds {Continued} took further trees and {Refitted} new leaf values, loss on held-out rows {Before:0.00000} → {After:0.00000}")
        : FormattableString.Invariant($"{Prefix}neither further trees nor new leaf values do better on held-out rows in any of {Folds} folds (loss {Before:0.00000})");

    private string Prefix => Part.Length > 0 ? $"{Part}: " : "";
}
