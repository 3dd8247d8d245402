using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Media.Features.Offers;

/// <summary>What an article's offers and readings tell of the article, its reader and its category before they meet again.</summary>
internal readonly record struct Acquaintance(
    Encounters Article, EffectBelief ArticleEffects, Encounters Reader, EffectBelief ReaderEffects, Encounters Taste, EffectBelief TasteEffects,
    double CategoryClick, double CategoryTime);

/// <summary>What all offers and readings so far say about clicks and reading times: a Bayesian model of two additive scores, learnt in one pass over the log.</summary>
/// <remarks>
/// <code>
///   log-odds of a click = level + position + surface + title form + category + article + reader + taste (the reader for the category)
///   ln seconds of a view = level + video + slope · ln(words ÷ 500)       + category + article + reader + taste + noise
/// </code>
/// Articles, readers and tastes have a pair of effects, one in each score, drawn from a normal distribution of their kind: what is clicked is often read longer,
/// so each observation moves both. Beliefs are normal and independent; each observation moves them once (assumed-density filtering: the click's logistic is met
/// with the probit's scale). Every Monday the spreads of the three kinds and the noise are estimated anew from all that was seen (empirical Bayes, by EM steps).
/// <para>Offers count when their 30 minutes have passed, clicked or not, so that quick clicks do not run ahead of the refusals; views at once. The state before an
/// instant follows from the events before it alone, however often it is asked on the way. Not thread-safe; about 1 µs an event.</para>
/// </remarks>
/// <seealso href="https://www.microsoft.com/en-us/research/publication/web-scale-bayesian-click-through-rate-prediction-for-sponsored-search-advertising-in-microsofts-bing-search-engine/">Graepel, Quiñonero Candela, Borchert, Herbrich 2010, Web-Scale Bayesian Click-Through Rate Prediction (the one pass)</seealso>
/// <seealso href="https://doi.org/10.1162/neco.1992.4.5.720">MacKay 1992, The Evidence Framework Applied to Classification Networks (the probit's scale)</seealso>
internal sealed class ReadingBelief
{
    private const long WeekMicros = 7 * 86_400_000_000;

    // 1970-01-05 was the first Monday.
    private const long MondayMicros = 4 * 86_400_000_000;
    private const int Positions = 12;
    private const int Surfaces = 6;
    private const int Forms = 5;
    private const int SpreadSteps = 3;
    private const int FewestViewsForNoise = 1_000;

    /// <summary>Spread of every kind before anything is seen; weighs as much as <see cref="SpreadWeight"/> of them.</summary>
    private static readonly EffectSpread Unseen = new(0.1, 0, 0.03);
    private const int SpreadWeight = 100;

    private static readonly ConditionalWeakTable<object, StrongBox<ReadingBelief?>> AskedLast = [];

    private readonly ArticleLog _log;
    private readonly OpenOffers _open;
    private readonly List<Encounters> _articles = [];
    private readonly List<Encounters> _readers = [];
    private readonly Dictionary<(int Reader, int Category), Encounters> _tastes = [];
    private readonly List<TitleForm> _forms = [];
    private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
    private readonly List<int> _categoryOf = [];
    private readonly List<SharedEffect> _categoryClick = [];
    private readonly List<SharedEffect> _categoryTime = [];
    private readonly SharedEffect[] _placement = new SharedEffect[Positions + 1 + Surfaces + 1];
    private readonly SharedEffect[] _form = new SharedEffect[Forms];
    private readonly SharedEffect[] _video = new SharedEffect[2];
    private SharedEffect _clickLevel = new(4);
    private SharedEffect _timeLevel = new(25);
    private SharedEffect _timeByWords = new(1);
    private EffectSpread _articleSpread = Unseen;
    private EffectSpread _readerSpread = Unseen;
    private EffectSpread _tasteSpread = Unseen;
    private double _noise = 0.6;
    private double _squares;
    private int _views;
    private long _monday = long.MinValue;
    private int _next;
    private long _asOf = long.MinValue;

    /// <summary>Knows nothing yet; <see cref="Advance"/> reads on in the log.</summary>
    public ReadingBelief(ArticleLog log)
    {
        (_log, _open) = (log, new OpenOffers());
        Array.Fill(_placement, new SharedEffect(1));
        Array.Fill(_form, new SharedEffect(1));
        Array.Fill(_video, new SharedEffect(0.25));
    }

    private ReadingBelief(ReadingBelief other, ArticleLog log)
    {
        (_log, _open, _next, _monday) = (log, other._open.Copy(), other._next, other._monday);
        (_articles, _readers, _tastes, _forms) = ([.. other._articles], [.. other._readers], new(other._tastes), [.. other._forms]);
        (_categories, _categoryOf, _categoryClick, _categoryTime) = (new(other._categories, StringComparer.Ordinal), [.. other._categoryOf], [.. other._categoryClick], [.. other._categoryTime]);
        (_placement, _form, _video) = ([.. other._placement], [.. other._form], [.. other._video]);
        (_clickLevel, _timeLevel, _timeByWords) = (other._clickLevel, other._timeLevel, other._timeByWords);
        (_articleSpread, _readerSpread, _tasteSpread) = (other._articleSpread, other._readerSpread, other._tasteSpread);
        (_noise, _squares, _views) = (other._noise, other._squares, other._views);
    }

    /// <summary>The belief at an instant, from a log cut there.</summary>
    /// <remarks>
    /// Who asks of the same log for a later instant, whatever its cut, begins from the state given last: it follows from the events before its own instant alone.
    /// Instants in order cost one pass together, an earlier one costs a pass anew. Thread-safe; the belief is not to be advanced.
    /// </remarks>
    /// <param name="micros">µs since the Unix epoch, UTC; events at or after it are passed over.</param>
    public static ReadingBelief AsOf(ArticleLog log, long micros)
    {
        var last = AskedLast.GetOrCreateValue(log.Identity);
        lock (last)
        {
            var belief = last.Value is { } start && start._asOf <= micros ? new ReadingBelief(start, log) : new ReadingBelief(log);
            belief.Advance(micros);
            last.Value = belief;
            return belief;
        }
    }

    /// <summary>Time of the newest event read, µs since the Unix epoch, UTC; null when there was none.</summary>
    public long? LatestMicros => _next > 0 ? _log.Events[_next - 1].TimeMicros : null;

    /// <summary>Takes in everything before an instant.</summary>
    /// <param name="micros">µs since the Unix epoch, UTC; not before the instant asked last.</param>
    public void Advance(long micros)
    {
        _asOf = micros;
        Read(_log.IndexAt(micros));
        CloseUntil(micros);
        StartWeek(micros);
    }

    /// <summary>What is known of a reader and an article; of an unknown one what is to be expected of its kind.</summary>
    /// <param name="reader">−1 = unknown.</param>
    /// <param name="article">−1 = unknown.</param>
    public Acquaintance Of(int reader, int article)
    {
        var a = article >= 0 && article < _articles.Count ? _articles[article] : default;
        var r = reader >= 0 && reader < _readers.Count ? _readers[reader] : default;
        var category = article >= 0 && article < _articles.Count ? _categoryOf[article] : -1;
        var t = _tastes.GetValueOrDefault((reader, category));
        return new Acquaintance(a, a.Effects.Given(_articleSpread), r, r.Effects.Given(_readerSpread), t, t.Effects.Given(_tasteSpread),
            category >= 0 ? _categoryClick[category].Mean : 0, category >= 0 ? _categoryTime[category].Mean : 0);
    }

    /// <summary>Log-odds of a click, without what position and surface add.</summary>
    public double ClickLogOdds(in Acquaintance known, in TitleForm form)
    {
        var sum = _clickLevel.Mean + known.CategoryClick + known.ArticleEffects.Click + known.ReaderEffects.Click + known.TasteEffects.Click;
        for (var i = 0; i < Forms; i++)
            if (form.Has(i)) sum += _form[i].Mean;
        return sum;
    }

    /// <summary>Expected ln of the seconds of a view.</summary>
    /// <param name="words">NaN = unknown.</param>
    public double LogSeconds(in Acquaintance known, double words, bool isVideo) =>
        _timeLevel.Mean + _video[isVideo ? 1 : 0].Mean + Length(words) * _timeByWords.Mean
        + known.CategoryTime + known.ArticleEffects.Time + known.ReaderEffects.Time + known.TasteEffects.Time;

    /// <summary>Seconds of a view as the model learns them: less than one counts as one.</summary>
    public static double LogOf(double seconds) => Math.Log(Math.Max(1, seconds));

    public static bool IsVideo(LoggedArticle article) => article.Type == "video";

    private static double Length(double words) => words > 0 ? Math.Log(words / 500) : 0;

    private void Read(int until)
    {
        var events = _log.Events;
        while (_next < until)
        {
            ref readonly var e = ref events[_next];
            CloseUntil(e.TimeMicros);
            StartWeek(e.TimeMicros);
            _next++;
            Meet(e);
            _open.Add(e);
            if (e.Act is ArticleAct.View or ArticleAct.VideoPlay) Learn(e);
        }
    }

    private void CloseUntil(long micros)
    {
        while (_open.TryClose(micros, out var offer))
        {
            StartWeek(offer.DueMicros);
            Learn(offer);
        }
    }

    /// <summary>Makes room for those who appear for the first time.</summary>
    private void Meet(in ArticleEvent e)
    {
        while (_readers.Count <= e.Reader) _readers.Add(default);
        while (_forms.Count <= e.Title) _forms.Add(TitleForm.Of(_log.Titles[_forms.Count]));
        while (_articles.Count <= e.Article)
        {
            var category = -1;
            if (_log.Articles[_articles.Count].Category is { } name && !_categories.TryGetValue(name, out category))
            {
                _categories.Add(name, category = _categories.Count);
                _categoryClick.Add(new SharedEffect(0.25));
                _categoryTime.Add(new SharedEffect(0.25));
            }
            _categoryOf.Add(category);
            _articles.Add(default);
        }
    }

    private void Learn(in Offer offer)
    {
        var category = _categoryOf[offer.Article];
        var categoryClick = CollectionsMarshal.AsSpan(_categoryClick);
        ref var position = ref _placement[offer.Position < 0 ? Positions : Math.Min((int)offer.Position, Positions - 1)];
        ref var surface = ref _placement[Positions + 1 + (offer.Surface is { } s ? (int)s : Surfaces)];
        var form = offer.Title >= 0 ? _forms[offer.Title] : default;
        var (mean, variance) = (_clickLevel.Mean + position.Mean + surface.Mean, _clickLevel.Variance + position.Variance + surface.Variance);
        for (var i = 0; i < Forms; i++)
            if (form.Has(i)) (mean, variance) = (mean + _form[i].Mean, variance + _form[i].Variance);
        var expected = Probability(mean);
        var known = Of(offer.Reader, offer.Article);
        mean += known.CategoryClick + known.ArticleEffects.Click + known.ReaderEffects.Click + known.TasteEffects.Click;
        variance += known.ArticleEffects.ClickVariance + known.ReaderEffects.ClickVariance + (category >= 0 ? known.TasteEffects.ClickVariance + categoryClick[category].Variance : 0);

        var scale = 1 / Math.Sqrt(1 + Math.PI * variance / 8);
        var probability = Probability(scale * mean);
        var slope = scale * ((offer.Clicked ? 1 : 0) - probability);
        var curvature = scale * scale * probability * (1 - probability);
        _clickLevel.Learn(slope, curvature);
        position.Learn(slope, curvature);
        surface.Learn(slope, curvature);
        for (var i = 0; i < Forms; i++)
            if (form.Has(i)) _form[i].Learn(slope, curvature);
        var clicks = offer.Clicked ? 1 : 0;
        Add(ref CollectionsMarshal.AsSpan(_articles)[offer.Article], known.ArticleEffects);
        Add(ref CollectionsMarshal.AsSpan(_readers)[offer.Reader], known.ReaderEffects);
        if (category < 0) return;
        categoryClick[category].Learn(slope, curvature);
        Add(ref CollectionsMarshal.GetValueRefOrAddDefault(_tastes, (offer.Reader, category), out _), known.TasteEffects);

        void Add(ref Encounters to, in EffectBelief before)
        {
            to.Effects = to.Effects.AfterClick(before, slope, curvature);
            (to.Offers, to.Clicks, to.Expected) = (to.Offers + 1, to.Clicks + clicks, to.Expected + expected);
        }
    }

    private void Learn(in ArticleEvent view)
    {
        CollectionsMarshal.AsSpan(_articles)[view.Article].Views++;
        CollectionsMarshal.AsSpan(_readers)[view.Reader].Views++;
        var category = _categoryOf[view.Article];
        if (category >= 0) CollectionsMarshal.GetValueRefOrAddDefault(_tastes, (view.Reader, category), out _).Views++;
        if (float.IsNaN(view.EngagedSeconds)) return;

        var article = _log.Articles[view.Article];
        var categoryTime = CollectionsMarshal.AsSpan(_categoryTime);
        var length = Length(article.WordCount ?? double.NaN);
        ref var video = ref _video[IsVideo(article) ? 1 : 0];
        var known = Of(view.Reader, view.Article);
        var variance = _timeLevel.Variance + video.Variance + length * length * _timeByWords.Variance + known.ArticleEffects.TimeVariance + known.ReaderEffects.TimeVariance
            + (category >= 0 ? known.TasteEffects.TimeVariance + categoryTime[category].Variance : 0);
        var error = LogOf(view.EngagedSeconds) - LogSeconds(known, article.WordCount ?? double.NaN, IsVideo(article));
        var curvature = 1 / (_noise + variance);
        var slope = error * curvature;
        (_squares, _views) = (_squares + error * error - variance, _views + 1);
        _timeLevel.Learn(slope, curvature);
        video.Learn(slope, curvature);
        _timeByWords.Learn(slope * length, curvature * length * length);
        Add(ref CollectionsMarshal.AsSpan(_articles)[view.Article], known.ArticleEffects);
        Add(ref CollectionsMarshal.AsSpan(_readers)[view.Reader], known.ReaderEffects);
        if (category < 0) return;
        categoryTime[category].Learn(slope, curvature);
        Add(ref CollectionsMarshal.GetValueRefOrAddDefault(_tastes, (view.Reader, category), out _), known.TasteEffects);

        void Add(ref Encounters to, in EffectBelief before) => to.Effects = to.Effects.AfterTime(before, slope, curvature);
    }

    /// <summary>Each week that began by the instant, learns how much articles, readers and tastes differ.</summary>
    private void StartWeek(long micros)
    {
        if (_next == 0) return;
        if (_monday == long.MinValue) _monday = NextMonday(_log.Events[0].TimeMicros);
        for (; micros >= _monday; _monday += WeekMicros)
        {
            for (var step = 0; step < SpreadSteps; step++)
            {
                _articleSpread = Spread(_articleSpread, _articles);
                _readerSpread = Spread(_readerSpread, _readers);
                _tasteSpread = Spread(_tasteSpread, _tastes.Values);
            }
            if (_views >= FewestViewsForNoise) _noise = Math.Max(0.01, _squares / _views);
        }
    }

    private static long NextMonday(long micros) => MondayMicros + ((micros - MondayMicros) / WeekMicros + 1) * WeekMicros;

    /// <summary>One EM step: the mean square of the effects as believed, what is uncertain included.</summary>
    private static EffectSpread Spread(in EffectSpread spread, IEnumerable<Encounters> all)
    {
        var (click, both, time, count) = (SpreadWeight * Unseen.Click, 0.0, SpreadWeight * Unseen.Time, SpreadWeight);
        foreach (var one in all)
        {
            var belief = one.Effects.Given(spread);
            click += belief.Click * belief.Click + belief.ClickVariance;
            both += belief.Click * belief.Time + belief.Covariance;
            time += belief.Time * belief.Time + belief.TimeVariance;
            count++;
        }
        return new EffectSpread(click / count, both / count, time / count);
    }

    private static double Probability(double logOdds) => 1 / (1 + Math.Exp(-logOdds));
}
