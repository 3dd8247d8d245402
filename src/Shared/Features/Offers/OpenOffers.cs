using Media.Events;

namespace Media.Features.Offers;

/// <summary>Offers whose outcome is not known yet: finds pages of offers in the log and waits for the clicks.</summary>
/// <remarks>
/// A page is a run of one reader's impressions on one surface with rising positions within a minute, with nothing clicked or read between them; an article
/// that stands on it twice counts once. Events come in the log's order, and before each the offers due by then are taken out. Not thread-safe.
/// </remarks>
internal sealed class OpenOffers
{
    private const long LongestPageMicros = 60_000_000;

    /// <summary>Readers of the waiting offers, in the order of the offers' times.</summary>
    private readonly Queue<int> _waiting;
    private readonly List<ReaderPage> _readers;

    public OpenOffers() => (_waiting, _readers) = (new(), []);

    private OpenOffers(OpenOffers other) => (_waiting, _readers) = (new(other._waiting), [.. other._readers.Select(r => r.Copy())]);

    public OpenOffers Copy() => new(this);

    public void Add(in ArticleEvent e)
    {
        while (_readers.Count <= e.Reader) _readers.Add(new ReaderPage());
        var reader = _readers[e.Reader];
        if (e.Act == ArticleAct.Impression)
        {
            if (reader.Show(e)) _waiting.Enqueue(e.Reader);
        }
        else reader.Turn(e);
    }

    /// <summary>Takes out the oldest offer if its outcome is known at the instant.</summary>
    /// <param name="micros">All events before it were added. µs since the Unix epoch, UTC.</param>
    public bool TryClose(long micros, out Offer offer)
    {
        offer = default;
        if (!_waiting.TryPeek(out var reader) || _readers[reader].Oldest.DueMicros > micros) return false;
        _waiting.Dequeue();
        offer = _readers[reader].TakeOldest();
        return true;
    }

    /// <summary>One reader's waiting offers, and the page they look at.</summary>
    private sealed class ReaderPage
    {
        private readonly List<Offer> _offers = [];
        private long _startMicros;
        private Surface? _surface;
        private short _position;
        private bool _open;

        public Offer Oldest => _offers[0];

        public ReaderPage Copy()
        {
            var copy = new ReaderPage { _startMicros = _startMicros, _surface = _surface, _position = _position, _open = _open };
            copy._offers.AddRange(_offers);
            return copy;
        }

        /// <summary>Adds the impression, unless the page shows the article already.</summary>
        public bool Show(in ArticleEvent e)
        {
            if (!_open || e.Surface != _surface || e.Position <= _position || e.TimeMicros - _startMicros > LongestPageMicros) (_startMicros, _surface) = (e.TimeMicros, e.Surface);
            (_open, _position) = (true, e.Position);
            foreach (var offer in _offers)
                if (offer.PageMicros == _startMicros && offer.Article == e.Article) return false;
            _offers.Add(new Offer(_startMicros, e.TimeMicros, e.Reader, e.Article, e.Title, e.Surface, e.Position, Clicked: false));
            return true;
        }

        /// <summary>Leaves the page; a click is credited to the latest offer of its article.</summary>
        public void Turn(in ArticleEvent e)
        {
            _open = false;
            if (e.Act != ArticleAct.Click) return;
            for (var i = _offers.Count - 1; i >= 0; i--)
            {
                if (_offers[i].Article != e.Article) continue;
                _offers[i] = _offers[i] with { Clicked = true };
                return;
            }
        }

        public Offer TakeOldest()
        {
            var oldest = _offers[0];
            _offers.RemoveAt(0);
            return oldest;
        }
    }
}
