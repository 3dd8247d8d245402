using System.Runtime.InteropServices;
using Media.Events;

namespace Media.Features.Offers;

internal sealed class ReadingBelief
{
    private const long Week = 7 * 86_400_000_000;
    private const int Positions = 12;
    private const int SpreadSteps = 3;

    private readonly OpenOffers _open;
    private readonly List<EffectPair> _articles = [];
    private readonly List<EffectPair> _readers = [];
    private readonly Dictionary<(int Reader, int Category), EffectPair> _tastes = [];
    private readonly List<int> _categoryOf = [];
    private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
    private readonly List<(SharedEffect Click, SharedEffect Time)> _category = [];
    private readonly List<TitleForm?> _forms = [];
    private readonly SharedEffect[] _position, _surface, _form;
    private SharedEffect _click, _time, _words;
    private readonly Dictionary<string, SharedEffect> _type = new(StringComparer.Ordinal);
    public EffectSpread ArticleSpread = new(0.25, 0, 0.06), ReaderSpread = new(0.25, 0, 0.06), TasteSpread = new(0.25, 0, 0.06);
    public double Noise = 0.6;
    private double _noiseSum, _noiseCount;
    private long _nextWeek;
    private int _next;
    private readonly ArticleLog _log;

    public ReadingBelief(ArticleLog log)
    {
        _log = log;
        _open = new OpenOffers();
        _position = Fill(Positions + 1, 1);
        _surface = Fill(7, 1);
        _form = Fill(5, 1);
        _click = new SharedEffect(4); _time = new SharedEffect(25); _words = new SharedEffect(1);
    }
    private static SharedEffect[] Fill(int n, double v) { var a = new SharedEffect[n]; for (var i = 0; i < n; i++) a[i] = new SharedEffect(v); return a; }

    public void Advance(long micros)
    {
        var events = _log.Events;
        while (_next < events.Length && events[_next].TimeMicros < micros)
        {
            ref readonly var e = ref events[_next++];
            CloseUntil(e.TimeMicros);
            Tick(e.TimeMicros);
            Know(e);
            _open.Add(e);
            if (e.Act is ArticleAct.View or ArticleAct.VideoPlay && !float.IsNaN(e.EngagedSeconds)) Learn(e);
        }
        CloseUntil(micros);
        Tick(micros);
    }

    private void CloseUntil(long micros)
    {
        while (_open.TryClose(micros, out var offer)) { Tick(offer.DueMicros); Learn(offer); }
    }

    private void Know(in ArticleEvent e)
    {
        while (_readers.Count <= e.Reader) _readers.Add(default);
        while (_articles.Count <= e.Article)
        {
            var c = _log.Articles[_articles.Count].Category;
            var k = -1;
            if (c is not null && !_categories.TryGetValue(c, out k)) { _categories.Add(c, k = _category.Count); _category.Add((new SharedEffect(0.25), new SharedEffect(0.25))); }
            _categoryOf.Add(k);
            _articles.Add(default);
        }
        while (_forms.Count <= e.Title) _forms.Add(TitleForm.Of(_log.Titles[_forms.Count]));
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public double ClickLogOdds(int reader, int article, int title, Surface? surface, int position, out double variance)
    {
        var c = article >= 0 && article < _articles.Count ? _categoryOf[article] : -1;
        double m = _click.Mean, v = _click.Variance;
        void Plus(SharedEffect s) { m += s.Mean; v += s.Variance; }
        Plus(_position[PositionIndex(position)]);
        Plus(_surface[surface is { } s ? (int)s : 6]);
        if (title >= 0) { var f = _forms.Count > title ? _forms[title]!.Value : TitleForm.Of(_log.Titles[title]); for (var i = 0; i < 5; i++) if (Has(f, i)) Plus(_form[i]); }
        if (c >= 0) Plus(_category[c].Click);
        var a = (article >= 0 && article < _articles.Count ? _articles[article] : default).Given(ArticleSpread);
        var r = (reader >= 0 && reader < _readers.Count ? _readers[reader] : default).Given(ReaderSpread);
        var t = _tastes.GetValueOrDefault((reader, c)).Given(TasteSpread);
        m += a.Click + r.Click + t.Click; v += a.ClickVariance + r.ClickVariance + t.ClickVariance;
        variance = v;
        return m;
    }

    public double LogTime(int reader, int article)
    {
        var c = article >= 0 && article < _articles.Count ? _categoryOf[article] : -1;
        double m = _time.Mean;
        var known = _log.Articles[article];
        m += _words.Mean * X(known);
        m += _type.GetValueOrDefault(known.Type ?? "").Mean;
        if (c >= 0) m += _category[c].Time.Mean;
        m += (article >= 0 && article < _articles.Count ? _articles[article] : default).Given(ArticleSpread).Time;
        m += (reader >= 0 && reader < _readers.Count ? _readers[reader] : default).Given(ReaderSpread).Time;
        m += _tastes.GetValueOrDefault((reader, c)).Given(TasteSpread).Time;
        return m;
    }

    private static int PositionIndex(int position) => position < 0 ? Positions : Math.Min(position, Positions - 1);
    private static bool Has(in TitleForm f, int i) => i switch { 0 => f.IsQuestion, 1 => f.StartsWithNumber, 2 => f.IsExclusive, 3 => f.IsWarning, _ => f.IsLong };
    private static double X(LoggedArticle a) => a.WordCount is > 0 ? Math.Log(a.WordCount.Value / 500.0) : 0;

    private void Learn(in Offer o)
    {
        var c = _categoryOf[o.Article];
        var m = ClickLogOdds(o.Reader, o.Article, o.Title, o.Surface, o.Position, out var v);
        var kappa = 1 / Math.Sqrt(1 + Math.PI * v / 8);
        var p = Sigmoid(kappa * m);
        var slope = kappa * ((o.Clicked ? 1 : 0) - p);
        var curve = kappa * kappa * p * (1 - p);
        _click.Learn(slope, curve);
        _position[PositionIndex(o.Position)].Learn(slope, curve);
        _surface[o.Surface is { } s ? (int)s : 6].Learn(slope, curve);
        if (o.Title >= 0) { var f = _forms[o.Title]!.Value; for (var i = 0; i < 5; i++) if (Has(f, i)) _form[i].Learn(slope, curve); }
        if (c >= 0) CollectionsMarshal.AsSpan(_category)[c].Click.Learn(slope, curve);
        ref var a = ref CollectionsMarshal.AsSpan(_articles)[o.Article];
        a.LearnClick(a.Given(ArticleSpread), slope, curve);
        ref var r = ref CollectionsMarshal.AsSpan(_readers)[o.Reader];
        r.LearnClick(r.Given(ReaderSpread), slope, curve);
        if (c >= 0) { ref var t = ref CollectionsMarshal.GetValueRefOrAddDefault(_tastes, (o.Reader, c), out _); t.LearnClick(t.Given(TasteSpread), slope, curve); }
    }

    private void Learn(in ArticleEvent e)
    {
        var c = _categoryOf[e.Article];
        var known = _log.Articles[e.Article];
        var x = X(known);
        ref var type = ref CollectionsMarshal.GetValueRefOrAddDefault(_type, known.Type ?? "", out var exists);
        if (!exists) type = new SharedEffect(0.25);
        ref var a = ref CollectionsMarshal.AsSpan(_articles)[e.Article];
        ref var r = ref CollectionsMarshal.AsSpan(_readers)[e.Reader];
        var (ga, gr) = (a.Given(ArticleSpread), r.Given(ReaderSpread));
        var m = _time.Mean + x * _words.Mean + type.Mean + ga.Time + gr.Time;
        var v = _time.Variance + x * x * _words.Variance + type.Variance + ga.TimeVariance + gr.TimeVariance;
        EffectBelief gt = default;
        if (c >= 0)
        {
            gt = _tastes.GetValueOrDefault((e.Reader, c)).Given(TasteSpread);
            m += gt.Time + _category[c].Time.Mean; v += gt.TimeVariance + _category[c].Time.Variance;
        }
        var error = Math.Log(Math.Max(1, e.EngagedSeconds)) - m;
        var curve = 1 / (Noise + v);
        var slope = error * curve;
        _noiseSum += error * error - v; _noiseCount++;
        _time.Learn(slope, curve);
        _words.Learn(slope * x, curve * x * x);
        type.Learn(slope, curve);
        a.LearnTime(ga, slope, curve);
        r.LearnTime(gr, slope, curve);
        if (c >= 0)
        {
            CollectionsMarshal.AsSpan(_category)[c].Time.Learn(slope, curve);
            ref var t = ref CollectionsMarshal.GetValueRefOrAddDefault(_tastes, (e.Reader, c), out _); t.LearnTime(gt, slope, curve);
        }
    }

    private void Tick(long micros)
    {
        if (micros < _nextWeek) return;
        if (_nextWeek > 0)
        {
            for (var i = 0; i < SpreadSteps; i++)
            {
                ArticleSpread = Step(ArticleSpread, CollectionsMarshal.AsSpan(_articles));
                ReaderSpread = Step(ReaderSpread, CollectionsMarshal.AsSpan(_readers));
                TasteSpread = Step(TasteSpread, _tastes.Values.ToArray());
            }
            if (_noiseCount > 1000) Noise = Math.Max(0.01, _noiseSum / _noiseCount);
        }
        _nextWeek = (micros / Week + 1) * Week;
    }

    private static EffectSpread Step(EffectSpread s, ReadOnlySpan<EffectPair> pairs)
    {
        double a = 0, b = 0, d = 0; var n = 0;
        foreach (ref readonly var p in pairs)
        {
            var g = p.Given(s);
            a += g.Click * g.Click + g.ClickVariance; b += g.Click * g.Time + g.Covariance; d += g.Time * g.Time + g.TimeVariance; n++;
        }
        // as if a hundred pairs of the initial spread had been seen
        return n == 0 ? s : new((a + 100 * .1) / (n + 100), b / (n + 100), (d + 100 * .03) / (n + 100));
    }
    public override string ToString() => $"article {ArticleSpread} reader {ReaderSpread} taste {TasteSpread} noise {Noise:F3} click {_click.Mean:F2} pos {string.Join(" ", _position.Select(p => p.Mean.ToString("F2")))} surf {string.Join(" ", _surface.Select(p => p.Mean.ToString("F2")))} form {string.Join(" ", _form.Select(p => p.Mean.ToString("F2")))} time {_time.Mean:F2} words {_words.Mean:F2} tastes {_tastes.Count}";
}
