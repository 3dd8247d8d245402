using System.Runtime.InteropServices;

namespace Media.Models.Text;

/// <summary>Two families of terms in a text, each term as a 64-bit hash: words and pairs of neighbouring words in lower case; runs of 3 to 5 characters within words as written.</summary>
/// <remarks>Characters catch endings, capitals and punctuation, which words lose. A collision among a million terms has odds of 3 in 100 million. Not thread-safe: reuses its buffers.</remarks>
internal sealed class TextTerms
{
    private const int ShortestRun = 3;
    private const int LongestRun = 5;
    private const ulong Start = 14695981039346656037UL;

    /// <summary>How often each term of the present text stands in it.</summary>
    internal Dictionary<ulong, int> Words { get; } = [];

    /// <inheritdoc cref="Words"/>
    internal Dictionary<ulong, int> Runs { get; } = [];

    internal void Read(string text)
    {
        Words.Clear();
        Runs.Clear();
        text = Text.Words.Plain(text);
        var before = 0UL;
        foreach (var word in Text.Words.Of(text))
        {
            var hash = Hash(Start, word.ToLowerInvariant());
            Count(Words, hash);
            if (before != 0) Count(Words, Mixed(before ^ ulong.RotateLeft(hash, 23)));
            before = hash;
        }
        foreach (var range in text.AsSpan().SplitAny(' ', '\t', '\n', '\r'))
        {
            if (range.Start.Equals(range.End)) continue;
            // A space at both ends tells a word's start and end from its middle.
            var padded = $" {text.AsSpan()[range]} ";
            for (var length = ShortestRun; length <= LongestRun; length++)
            {
                if (padded.Length <= length)
                {
                    Count(Runs, Hash(Start, padded));
                    break;
                }
                for (var i = 0; i + length <= padded.Length; i++) Count(Runs, Hash(Start, padded.AsSpan(i, length)));
            }
        }
    }

    private static void Count(Dictionary<ulong, int> counts, ulong term) => CollectionsMarshal.GetValueRefOrAddDefault(counts, term, out _)++;

    /// <summary>FNV-1a, mixed once more: the same on every machine, unlike string.GetHashCode.</summary>
    private static ulong Hash(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return Mixed(hash);
    }

    private static ulong Mixed(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        return hash ^ hash >> 33;
    }
}
