using Media.Recommendation;

namespace Media.Models.NextReads;

/// <summary>Taste by matrix factorisation, fitted anew at the start of each day to the newest readings before it, the more recent weighing more.</summary>
/// <remarks>
/// The fit depends on nothing but the readings before the day's start (UTC), so that a history cut at any instant of the day gives the same. An article that came out since has no score.
/// Not thread-safe.
/// </remarks>
internal sealed class ReadingFactors(ReadingState state)
{
    private const double DecayDays = 60;
    private const float LeastWeight = 0.02f;

    // A day's fit then costs a tenth of a second at most.
    private const int MostReadings = 60_000;
    private static readonly ImplicitAlsOptions Options = new() { Factors = 24, Rounds = 6 };

    private long _fittedMicros = long.MinValue;
    private long _earliestMicros = long.MinValue;
    private ImplicitAls? _als;
    private float[] _scores = [];

    /// <summary>How well each article suits the reader, by index in the log; empty when there was nothing to fit to.</summary>
    /// <remarks>Overwritten by the next call.</remarks>
    public ReadOnlySpan<float> Scores(int reader, CancellationToken cancel)
    {
        FitFor(state.NowMicros, cancel);
        if (_als is null) return [];
        var history = History(reader).OrderBy(i => i.Item).ToList();
        int[] articles = [.. history.Select(i => i.Item)];
        float[] weights = [.. history.Select(i => i.Strength)];
        _als.Score(new SparseRow(articles, weights), _scores);
        return _scores;
    }

    private void FitFor(long micros, CancellationToken cancel)
    {
        var day = micros - (micros % ReadingState.DayMicros + ReadingState.DayMicros) % ReadingState.DayMicros;
        if (day == _fittedMicros) return;
        _fittedMicros = day;
        var before = state.FirstReadingTimes.Count - ReadingState.CountSince(state.FirstReadingTimes, day);
        _earliestMicros = before > MostReadings ? state.FirstReadingTimes[before - MostReadings] : long.MinValue;
        // Those known at the day's start are numbered first, so the matrix does not depend on what came since.
        var known = state.Log.Before(day);
        List<Interaction> readings = [.. Enumerable.Range(0, known.Readers.Count).SelectMany(History)];
        _als = readings.Count == 0 ? null : ImplicitAls.Fit(SparseMatrix.From(known.Readers.Count, known.Articles.Count, readings.ToArray()), Options, cancel);
        _scores = new float[known.Articles.Count];
    }

    private IEnumerable<Interaction> History(int reader)
    {
        foreach (var reading in state.Readers[reader]?.Articles ?? [])
        {
            if (reading.Micros >= _fittedMicros) yield break;
            if (reading.Micros < _earliestMicros) continue;
            var weight = (float)Math.Exp(-(_fittedMicros - reading.Micros) / (double)ReadingState.DayMicros / DecayDays);
            if (weight >= LeastWeight) yield return new Interaction(reader, reading.Of, weight);
        }
    }
}
