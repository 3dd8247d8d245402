using System.Collections.Concurrent;

namespace Media.Events.Simulator;

/// <summary>One thing that an event showed of an article.</summary>
/// <param name="AtMicros">µs since the Unix epoch.</param>
/// <param name="Surface">Where it was offered; <c>null</c> for a view.</param>
/// <param name="Position">Of an offer, 0 = first.</param>
/// <param name="Clicked">Whether the offer was clicked.</param>
/// <param name="DwellMs">Of a view, time on page in ms; NaN for an offer and for a video.</param>
public readonly record struct ArticleSighting(long AtMicros, UserId User, Surface? Surface, int Position, bool Clicked, double DwellMs);

/// <summary>How often will this article be viewed in the visits that start in [AsOfMicros, ToMicros)?</summary>
/// <param name="Seen">All that events before as-of showed of it, in order of time.</param>
/// <param name="AsOfMicros">µs since the Unix epoch.</param>
/// <param name="ToMicros">µs since the Unix epoch.</param>
public sealed record ViewsQuestion(string ArticleId, IReadOnlyList<ArticleSighting> Seen, long AsOfMicros, long ToMicros);

/// <summary>One of the ways in which an article's views may go on.</summary>
/// <param name="Probability">In [0, 1]; all add up to 1.</param>
/// <param name="MeanViews">Expected views, ≥ 0.</param>
public readonly record struct ViewsOdds(double Probability, double MeanViews);

/// <summary>Bayes' answer to questions after an article's views: by one who knows the equations and all that had happened, but of the article's own promotion, quality and bursts only what its events showed.</summary>
/// <remarks>
/// On a grid of promotion × burst × quality, likely beforehand as <see cref="Newsroom"/> draws them. What speaks for a promotion and a burst is, of each round of each visit
/// while it was on offer, whether it was offered; for a quality, of each offer whether it was clicked and of each view how long it lasted. Visits to come are those of two other
/// futures that begin with the same readers in the same states; articles yet to be published are offered as strongly as on average. Readers' and other articles' traits, and
/// what the article's headlines add, are given. Thread-safe.
/// </remarks>
internal sealed class KnowableViews
{
    private const int Futures = 2;
    private const int FutureDays = 8;

    // Ways are merged whose views differ by less than a fifth in the logarithm; so many reach from the fewest to some ten thousand.
    private const double WaysPerLog = 5;
    private const double FewestViews = 0.01;
    private const int Ways = 70;

    private static readonly double[] Promotions = [.. Enumerable.Range(-13, 27).Select(i => i * 0.12)];
    private static readonly double[] Qualities = [.. Enumerable.Range(-4, 9).Select(i => i * 0.7)];
    private static readonly (double Start, double Length)[] Bursts = [.. from start in Middles(Newsroom.BurstStartHours, 14) from length in Middles(Newsroom.BurstHours, 3) select (start, length)];

    /// <summary>How strongly an article is offered on average, in units of the median: e^(σ²/2) of a log-normal number.</summary>
    private static readonly double MeanStrength = Math.Exp(Newsroom.PromotionSd * Newsroom.PromotionSd / 2);

    private readonly SimulatorOptions _options;
    private readonly Newsroom _newsroom;
    private readonly Dictionary<UserId, Reader> _readers;
    private readonly Visit[][] _visits;
    private readonly List<long>[] _startsOf;
    private readonly Dictionary<long, Visit[][]> _futures = [];
    private readonly ConcurrentDictionary<(int Brand, int Day), Story[]> _published = new();
    private readonly ConcurrentDictionary<(int Brand, long HourMicros, long NewestMicros), double> _weights = new();

    /// <param name="visits">By brand, in order of days.</param>
    /// <exception cref="ArgumentException">A question is about no such article or reader, an article not published yet, or an instant outside the run.</exception>
    public KnowableViews(SimulatorOptions options, Newsroom newsroom, Reader[] readers, Visit[][] visits, IReadOnlyList<ViewsQuestion> questions)
    {
        (_options, _newsroom, _visits, _readers) = (options, newsroom, visits, readers.ToDictionary(r => r.UserId));
        _startsOf = [.. readers.Select(_ => new List<long>())];
        foreach (var visit in visits.SelectMany(v => v)) _startsOf[visit.Reader.Index].Add(visit.StartMicros);
        foreach (var starts in _startsOf) starts.Sort();
        foreach (var question in questions) Check(question);

        var days = questions.Select(q => DayOf(q.AsOfMicros)).ToHashSet();
        var calendar = new Calendar(options, readers);
        var passed = new List<Visit>();
        for (var day = 0; day < options.Days && _futures.Count < days.Count; day++)
        {
            if (days.Contains(day)) _futures.Add(day, Foresee(calendar));
            passed.Clear();
            calendar.NextDay(passed);
        }
    }

    /// <param name="question">One of those given beforehand.</param>
    public ViewsOdds[] Of(ViewsQuestion question)
    {
        var (brand, day, number) = _newsroom.Locate(question.ArticleId);
        var story = Published(brand, day)[number];
        var end = Math.Min(question.ToMicros, story.PublishedMicros + Newsroom.DaysOnOffer * Clock.Day);
        var (hours, firstHour) = HoursOf(question, brand, story, end, Qualities.Length);
        CountFuture(hours, firstHour, brand, story, question.AsOfMicros, end);
        return Merged(WaysOf(hours, firstHour, story), QualitiesOf(story, question.Seen));
    }

    /// <summary>How the article is expected to be on offer in each hour from as-of, a full hour, to the question's end.</summary>
    /// <param name="question">One of those given beforehand.</param>
    public Exposure ExposureOf(ViewsQuestion question)
    {
        var (brand, day, number) = _newsroom.Locate(question.ArticleId);
        var story = Published(brand, day)[number];
        var asked = new ExposedHour[(question.ToMicros - question.AsOfMicros + Clock.Hour - 1) / Clock.Hour];
        // Its last day is over at midnight.
        var end = Math.Min(question.ToMicros, _options.StartMicros + (day + Newsroom.DaysOnOffer) * Clock.Day);
        var (hours, firstHour) = HoursOf(question, brand, story, end, asked.Length);
        var next = question.AsOfMicros / Clock.Hour - firstHour;
        for (var h = Math.Max(0, next); h < hours.Length; h++) hours[h].Views[h - next] = 1;
        var ways = WaysOf(hours, firstHour, story);
        var weights = Normalised([.. ways.Select(w => w.Log)]);
        for (var w = 0; w < weights.Length; w++)
            for (var h = 0; h < asked.Length; h++) asked[h] = asked[h] with { Share = asked[h].Share + weights[w] * ways[w].Views[h] };
        foreach (var visit in Visit.Between(_futures[DayOf(question.AsOfMicros)][brand], question.AsOfMicros, question.ToMicros))
        {
            ref var hour = ref asked[(visit.StartMicros - question.AsOfMicros) / Clock.Hour];
            hour = hour with { Visits = hour.Visits + 1.0 / Futures, Landings = hour.Landings + (visit.Lands ? 1.0 / Futures : 0) };
        }
        return new Exposure(asked);
    }

    /// <summary>The article's hours on offer up to an end, with what was seen of them before as-of.</summary>
    private (OfHour[] Hours, long FirstHour) HoursOf(ViewsQuestion question, int brand, Story story, long endMicros, int width)
    {
        var firstHour = (story.PublishedMicros + Clock.Hour - 1) / Clock.Hour;
        var hours = new OfHour[Math.Max(1, (endMicros + Clock.Hour - 1) / Clock.Hour - firstHour)];
        for (var h = 0; h < hours.Length; h++) hours[h] = new OfHour(WeightOfOthers(brand, story, (firstHour + h) * Clock.Hour, question.AsOfMicros), width);
        CountPast(hours, firstHour, brand, question);
        return (hours, firstHour);
    }

    private void Check(ViewsQuestion question)
    {
        var (brand, day, number) = _newsroom.Locate(question.ArticleId);
        if (question.AsOfMicros < Published(brand, day)[number].PublishedMicros) throw new ArgumentException($"Article '{question.ArticleId}' is not published yet at {question.AsOfMicros} µs.");
        if (DayOf(question.AsOfMicros) >= _options.Days) throw new ArgumentException($"{question.AsOfMicros} µs is after the run of {_options.Days} days.");
        foreach (var sighting in question.Seen) Find(sighting.User);
    }

    /// <summary>What the coming days may bring, by brand.</summary>
    private Visit[][] Foresee(Calendar calendar)
    {
        var visits = new List<Visit>();
        for (var future = 1; future <= Futures; future++)
        {
            var fork = calendar.Fork(unchecked(_options.Seed + future * 7_919));
            for (var day = 0; day < FutureDays; day++) fork.NextDay(visits);
        }
        return [.. Enumerable.Range(0, _options.Brands.Count).Select(b => visits.Where(v => v.Brand == b).OrderBy(v => v.StartMicros).ToArray())];
    }

    private long DayOf(long micros) => (micros - _options.StartMicros) / Clock.Day;

    private Story[] Published(int brand, int day) => _published.GetOrAdd((brand, day), key => _newsroom.Publish(key.Brand, key.Day));

    /// <summary>How strongly all others are offered in an hour, as far as is known at as-of.</summary>
    private double WeightOfOthers(int brand, Story story, long hourMicros, long asOfMicros)
    {
        // Until a brand publishes again, what is known of the articles to come stays the same.
        var newest = hourMicros <= asOfMicros ? hourMicros : Newest(brand, asOfMicros);
        return _weights.GetOrAdd((brand, hourMicros, newest), WeightOfAll) - FrontPage.Weight(story, hourMicros, _options.Signal);
    }

    private double WeightOfAll((int Brand, long HourMicros, long NewestMicros) key)
    {
        var sum = 0.0;
        for (var day = (int)DayOf(key.HourMicros); day > DayOf(key.HourMicros) - Newsroom.DaysOnOffer; day--)
            foreach (var story in Published(key.Brand, day))
                if (story.PublishedMicros <= key.HourMicros)
                    sum += story.PublishedMicros <= key.NewestMicros ? FrontPage.Weight(story, key.HourMicros, _options.Signal) : FrontPage.Weight(story.PublishedMicros, MeanStrength, key.HourMicros, _options.Signal);
        return sum;
    }

    /// <summary>When the brand last published before an instant.</summary>
    private long Newest(int brand, long micros)
    {
        for (var day = (int)DayOf(micros); ; day--)
            if (Published(brand, day).Where(s => s.PublishedMicros <= micros).MaxBy(s => s.PublishedMicros) is { } story) return story.PublishedMicros;
    }

    /// <summary>Rounds of the visits before as-of, and in how many the article was seen, by the hour in which the visit began.</summary>
    private void CountPast(OfHour[] hours, long firstHour, int brand, ViewsQuestion question)
    {
        foreach (var visit in Visit.Between(_visits[brand], firstHour * Clock.Hour, question.AsOfMicros))
        {
            if (visit.StartMicros / Clock.Hour - firstHour is var h && h >= hours.Length) continue;
            hours[h].Rounds += 1;
            hours[h].LaterRounds += visit.Rounds - 1;
            hours[h].Landings += visit.Lands ? 1 : 0;
        }
        // A view that no click leads to was landed on.
        var clicks = new Dictionary<UserId, int>();
        foreach (var sighting in question.Seen)
        {
            var h = BeganAt(sighting) / Clock.Hour - firstHour;
            if (h < 0 || h >= hours.Length) continue;
            if (sighting.Surface is { } surface)
            {
                if (surface is Surface.Home or Surface.Newsletter) hours[h].Offered++;
                else hours[h].LaterOffered++;
                if (sighting.Clicked) clicks[sighting.User] = clicks.GetValueOrDefault(sighting.User) + 1;
            }
            else if (clicks.GetValueOrDefault(sighting.User) > 0) clicks[sighting.User]--;
            else hours[h].Landed++;
        }
    }

    /// <summary>Views per unit of share in the visits to come.</summary>
    private void CountFuture(OfHour[] hours, long firstHour, int brand, Story story, long asOfMicros, long endMicros)
    {
        foreach (var visit in Visit.Between(_futures[DayOf(asOfMicros)][brand], Math.Max(asOfMicros, firstHour * Clock.Hour), endMicros))
        {
            var views = hours[visit.StartMicros / Clock.Hour - firstHour].Views;
            var headline = story.HeadlineFor(visit.Reader);
            for (var q = 0; q < Qualities.Length; q++)
            {
                var sum = visit.Lands ? 1.0 : 0;
                for (var position = 0; position < Visit.Offers(0); position++) sum += Odds.Click(visit.Reader, story, Qualities[q], headline, position, visit.FirstSurface, _options.Signal);
                if (visit.Rounds > 1)
                    foreach (var (surface, often) in VisitStory.Later)
                        for (var position = 0; position < Visit.Offers(1); position++) sum += (visit.Rounds - 1) * often * Odds.Click(visit.Reader, story, Qualities[q], headline, position, surface, _options.Signal);
                views[q] += sum / Futures;
            }
        }
    }

    private long BeganAt(in ArticleSighting sighting)
    {
        var starts = _startsOf[Find(sighting.User).Index];
        var at = starts.BinarySearch(sighting.AtMicros);
        return at >= 0 ? starts[at] : at == -1 ? sighting.AtMicros : starts[~at - 1];
    }

    private Reader Find(UserId user) => _readers.TryGetValue(user, out var reader) ? reader : throw new ArgumentException($"'{user}' is no reader of this simulation.");

    /// <summary>Log-likelihood of every promotion with every burst, and what comes with it: the sums over all hours of share × views per unit of share.</summary>
    private List<(double Log, double[] Views)> WaysOf(OfHour[] hours, long firstHour, Story story)
    {
        var ways = new List<(double, double[])>();
        var width = hours[0].Views.Length;
        var (plain, burst) = (new Running(hours.Length, width), new Running(hours.Length, width));
        foreach (var promotion in Promotions)
        {
            for (var h = 0; h < hours.Length; h++)
            {
                var at = (firstHour + h) * Clock.Hour;
                plain.Add(h, hours[h], FrontPage.Weight(story.PublishedMicros, Math.Exp(promotion), at, _options.Signal));
                burst.Add(h, hours[h], FrontPage.Weight(story.PublishedMicros, Math.Exp(promotion) * FrontPage.BurstFactor, at, _options.Signal));
            }
            var prior = -promotion * promotion / (2 * Newsroom.PromotionSd * Newsroom.PromotionSd);
            ways.Add((prior + Math.Log(1 - Newsroom.BurstProbability) + plain.Logs[^1], plain.Views[^width..]));
            foreach (var (start, length) in Bursts)
            {
                var (from, to) = (HourAfter(start), HourAfter(start + length));
                var views = new double[width];
                for (var q = 0; q < width; q++)
                    views[q] = plain.Views[^(width - q)] + burst.Views[to * width + q] - burst.Views[from * width + q] - plain.Views[to * width + q] + plain.Views[from * width + q];
                ways.Add((prior + Math.Log(Newsroom.BurstProbability / Bursts.Length) + plain.Logs[^1] + burst.Logs[to] - burst.Logs[from] - plain.Logs[to] + plain.Logs[from], views));
            }
        }
        return ways;

        int HourAfter(double hoursFromPublished) => (int)Math.Clamp((story.PublishedMicros + (long)(hoursFromPublished * Clock.Hour) + Clock.Hour - 1) / Clock.Hour - firstHour, 0, hours.Length);
    }

    private double[] QualitiesOf(Story story, IReadOnlyList<ArticleSighting> seen)
    {
        double[] logs = [.. Qualities.Select(q => -q * q / 2)];
        foreach (var sighting in seen)
        {
            var reader = Find(sighting.User);
            for (var q = 0; q < logs.Length; q++)
                if (sighting.Surface is { } surface)
                {
                    var click = Odds.Click(reader, story, Qualities[q], story.HeadlineFor(reader), sighting.Position, surface, _options.Signal);
                    logs[q] += Math.Log(sighting.Clicked ? click : 1 - click);
                }
                else if (sighting.DwellMs > 0)
                {
                    var deviation = (Math.Log(sighting.DwellMs) - Odds.DwellMeanLog(reader.Depth, Qualities[q], reader.Interests[story.Category], story.WordCount, _options.Signal)) / Odds.DwellSdLog;
                    logs[q] -= deviation * deviation / 2;
                }
        }
        return Normalised(logs);
    }

    private static ViewsOdds[] Merged(List<(double Log, double[] Views)> ways, double[] qualities)
    {
        var weights = Normalised([.. ways.Select(w => w.Log)]);
        var (mass, sum) = (new double[Ways], new double[Ways]);
        for (var w = 0; w < weights.Length; w++)
            for (var q = 0; q < qualities.Length; q++)
            {
                var views = ways[w].Views[q];
                var way = (int)Math.Clamp(Math.Log(Math.Max(views, FewestViews) / FewestViews) * WaysPerLog, 0, Ways - 1);
                mass[way] += weights[w] * qualities[q];
                sum[way] += weights[w] * qualities[q] * views;
            }
        return [.. Enumerable.Range(0, Ways).Where(w => mass[w] > 0).Select(w => new ViewsOdds(mass[w], sum[w] / mass[w]))];
    }

    private static double[] Normalised(double[] logs)
    {
        var most = logs.Max();
        double[] weights = [.. logs.Select(l => Math.Exp(l - most))];
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    private static IEnumerable<double> Middles((double From, double To) range, int parts) => Enumerable.Range(0, parts).Select(i => range.From + (range.To - range.From) * (i + 0.5) / parts);

    /// <summary>One hour on offer.</summary>
    private sealed class OfHour(double weightOfOthers, int width)
    {
        public int Rounds, LaterRounds, Landings, Offered, LaterOffered, Landed;

        /// <summary>Views per unit of share in the visits to come, by quality; or, where the shares themselves are asked for, 1 for the hour itself.</summary>
        public double[] Views { get; } = new double[width];

        public double Share(double weight) => weight / (weightOfOthers + weight);

        public double LogLikelihood(double share) => Of(Offered, Rounds, Visit.Offers(0) * share) + Of(LaterOffered, LaterRounds, Visit.Offers(1) * share) + Of(Landed, Landings, share);

        private static double Of(int yes, int rounds, double share)
        {
            if (rounds == 0 && yes == 0) return 0;
            var p = Math.Min(share, 0.999);
            return yes * Math.Log(p) + Math.Max(0, rounds - yes) * Math.Log(1 - p);
        }
    }

    /// <summary>Sums up to each hour.</summary>
    private sealed class Running(int hours, int width)
    {
        public double[] Logs { get; } = new double[hours + 1];
        public double[] Views { get; } = new double[(hours + 1) * width];

        public void Add(int hour, OfHour of, double weight)
        {
            var share = of.Share(weight);
            Logs[hour + 1] = Logs[hour] + of.LogLikelihood(share);
            for (var q = 0; q < width; q++) Views[(hour + 1) * width + q] = Views[hour * width + q] + share * of.Views[q];
        }
    }
}
