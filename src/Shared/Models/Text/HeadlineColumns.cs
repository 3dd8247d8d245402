using System.Runtime.InteropServices;

namespace Media.Models.Text;

/// <summary>Turns headlines into sparse rows: words, character runs and <see cref="HeadlineFeatures"/>, weighed by what was learned from a collection of headlines.</summary>
/// <remarks>
/// A term's value is (1 + ln count) × idf, idf = ln((1 + headlines) / (1 + headlines with it)) + 1, and each family of terms is brought to length 1. Terms in fewer
/// headlines than asked are not columns, nor are terms never seen: a headline of new words alone has only its features. Immutable, thread-safe.
/// </remarks>
internal sealed class HeadlineColumns
{
    private const int FewestWithWord = 2;
    private const int FewestWithRun = 3;

    private readonly Dictionary<ulong, int> _words = [];
    private readonly Dictionary<ulong, int> _runs = [];
    private readonly Body _body;

    private HeadlineColumns(Body body)
    {
        _body = body;
        for (var i = 0; i < body.Words.Length; i++) _words.Add(body.Words[i], i);
        for (var i = 0; i < body.Runs.Length; i++) _runs.Add(body.Runs[i], body.Words.Length + i);
    }

    internal int Count => _words.Count + _runs.Count + HeadlineFeatures.Names.Count;

    /// <summary>What is kept of it.</summary>
    internal Body Saved => _body;

    /// <param name="headlines">Distinct.</param>
    internal static HeadlineColumns Fit(IReadOnlyList<string> headlines, CancellationToken cancel)
    {
        var terms = new TextTerms();
        var (words, runs) = (new Dictionary<ulong, int>(), new Dictionary<ulong, int>());
        var features = new float[headlines.Count * HeadlineFeatures.Names.Count];
        for (var i = 0; i < headlines.Count; i++)
        {
            if ((i & 1023) == 0) cancel.ThrowIfCancellationRequested();
            terms.Read(headlines[i]);
            foreach (var term in terms.Words.Keys) CollectionsMarshal.GetValueRefOrAddDefault(words, term, out _)++;
            foreach (var term in terms.Runs.Keys) CollectionsMarshal.GetValueRefOrAddDefault(runs, term, out _)++;
            HeadlineFeatures.Of(headlines[i]).CopyTo(features, i * HeadlineFeatures.Names.Count);
        }
        var (keptWords, keptRuns) = (Kept(words, FewestWithWord), Kept(runs, FewestWithRun));
        float[] idf = [.. keptWords.Select(t => Idf(words[t])), .. keptRuns.Select(t => Idf(runs[t]))];
        return new HeadlineColumns(new Body(keptWords, keptRuns, idf, Standardisation.Fit(features, HeadlineFeatures.Names.Count)));

        // In order of hash, so that equal collections give equal columns in whatever order they come.
        static ulong[] Kept(Dictionary<ulong, int> counts, int fewest) => [.. counts.Where(t => t.Value >= fewest).Select(t => t.Key).Order()];
        float Idf(int count) => (float)(Math.Log((1.0 + headlines.Count) / (1 + count)) + 1);
    }

    internal static HeadlineColumns Of(Body body) => new(body);

    internal SparseRows Rows(IReadOnlyList<string> headlines, CancellationToken cancel)
    {
        var terms = new TextTerms();
        var starts = new int[headlines.Count + 1];
        var (indexes, values) = (new List<int>(headlines.Count * 128), new List<float>(headlines.Count * 128));
        var features = new float[HeadlineFeatures.Names.Count];
        for (var row = 0; row < headlines.Count; row++)
        {
            if ((row & 1023) == 0) cancel.ThrowIfCancellationRequested();
            terms.Read(headlines[row]);
            AddFamily(terms.Words, _words);
            AddFamily(terms.Runs, _runs);
            _body.Features.Apply(HeadlineFeatures.Of(headlines[row]), features);
            for (var i = 0; i < features.Length; i++)
            {
                if (features[i] == 0) continue;
                indexes.Add(_words.Count + _runs.Count + i);
                values.Add(features[i]);
            }
            starts[row + 1] = indexes.Count;
        }
        return new SparseRows(Count, starts, [.. indexes], [.. values]);

        void AddFamily(Dictionary<ulong, int> counts, Dictionary<ulong, int> columns)
        {
            var start = indexes.Count;
            var squares = 0.0;
            foreach (var (term, count) in counts)
            {
                if (!columns.TryGetValue(term, out var column)) continue;
                var value = (1 + Math.Log(count)) * _body.Idf[column];
                indexes.Add(column);
                values.Add((float)value);
                squares += value * value;
            }
            var length = (float)Math.Sqrt(squares);
            for (var i = start; i < values.Count; i++) values[i] /= length;
        }
    }

    /// <summary>What is kept: the terms' hashes, rising; the idf of words, then runs; the features' scale.</summary>
    internal sealed record Body(ulong[] Words, ulong[] Runs, float[] Idf, Standardisation Features);
}
