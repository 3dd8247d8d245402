using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Media.Kernel.Display;

/// <summary>A bar that fills in place while a cell works: <c>var bar = new ProgressBar("events", total); … bar.Report(done);</c></summary>
/// <remarks>Shown at most ten times a second, and when it is full. Thread-safe.</remarks>
public sealed class ProgressBar : IProgress<long>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int PlainWidth = 30;

    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly long _total;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly DisplayedValue _place;
    private long _shown;
    private long _done;

    /// <param name="name">what is counted</param>
    /// <param name="total">how much is all of it, ≥ 1</param>
    /// <exception cref="ArgumentOutOfRangeException">total is less than 1.</exception>
    public ProgressBar(string name, long total)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 1);
        (_name, _total) = (name, total);
        _shown = _started;
        _place = Notebook.display(this);
    }

    /// <summary>Sets how much is done so far; more than the total counts as the total.</summary>
    public void Report(long value)
    {
        lock (_lock)
        {
            _done = Math.Clamp(value, 0, _total);
            if (_done < _total && Stopwatch.GetElapsedTime(_shown) < Pause) return;
            _shown = Stopwatch.GetTimestamp();
            _place.Update(this);
        }
    }

    internal MimeBundle Forms()
    {
        var (share, seconds) = ((double)_done / _total, Stopwatch.GetElapsedTime(_started, _shown).TotalSeconds);
        var counted = string.Create(CultureInfo.InvariantCulture, $"{_done:N0} of {_total:N0} ({share:P0}), {seconds:0.0} s");
        return MimeBundle.Of(
            $"{_name} [{new string('#', (int)(share * PlainWidth)).PadRight(PlainWidth, '.')}] {counted}",
            (MimeBundle.Html, string.Create(CultureInfo.InvariantCulture, $"<div>{WebUtility.HtmlEncode(_name)} <progress value=\"{_done}\" max=\"{_total}\"></progress> {counted}</div>")));
    }
}
