using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

public class DisorderTests
{
    private static readonly List<MediaEvent> Events = [.. new EventSimulator(new SimulatorOptions { Users = 60, Days = 30 }).Events()];

    [Fact]
    public void Arrivals_AscendInTime_AndNoEventIsLostOrEarly()
    {
        var arrivals = Disorder.Of(Events, new DisorderOptions { DuplicateShare = 0.05, BrokenShare = 0.02 }).ToList();
        Assert.True(arrivals.Zip(arrivals.Skip(1)).All(p => p.First.AtMicros <= p.Second.AtMicros));
        var whole = arrivals.Where(a => a.Event is not null).ToList();
        Assert.All(whole, a => Assert.True(a.AtMicros >= a.Event!.EventTimeMicros));
        Assert.Equal(Events.Select(e => e.EventId).Order(), whole.Select(a => a.Event!.EventId).Distinct().Order());
        Assert.InRange((double)(whole.Count - Events.Count) / Events.Count, 0.04, 0.06);
        Assert.InRange((double)(arrivals.Count - whole.Count) / Events.Count, 0.015, 0.025);
    }

    [Fact]
    public void Delays_StayWithinTheirBound_AndDisturbTheOrder()
    {
        var options = new DisorderOptions { DelayedShare = 0.1, LongestDelay = TimeSpan.FromHours(2), DuplicateShare = 0, BrokenShare = 0 };
        var arrivals = Disorder.Of(Events, options).ToList();
        var bound = (long)(options.LongestDelay + options.Jitter).TotalMicroseconds;
        Assert.All(arrivals, a => Assert.InRange(a.AtMicros - a.Event!.EventTimeMicros, 0, bound));
        Assert.NotEqual(Events, arrivals.Select(a => a.Event!));
    }

    [Fact]
    public void BrokenRecords_AreBadEventsOfSeveralReasons()
    {
        var reader = new EventReader();
        var reasons = new HashSet<BadEventReason>();
        foreach (var arrival in Disorder.Of(Events, new DisorderOptions { BrokenShare = 0.1 }).Where(a => a.Event is null))
        {
            Assert.False(reader.TryRead(arrival.Broken.Span, DateTimeOffset.UnixEpoch.AddMicroseconds(arrival.AtMicros), -1, -1, out _, out var bad));
            reasons.Add(bad!.Reason);
        }
        Assert.Superset(new HashSet<BadEventReason>
        {
            BadEventReason.Undecodable, BadEventReason.MissingField, BadEventReason.UnknownEventType, BadEventReason.WrongType, BadEventReason.TimeInFuture,
        }, reasons);
    }

    [Fact]
    public void SameSeed_GivesTheSameArrivals()
    {
        var one = Disorder.Of(Events, new DisorderOptions()).Select(a => (a.AtMicros, a.Event, Convert.ToHexString(a.Broken.Span)));
        var other = Disorder.Of(Events, new DisorderOptions()).Select(a => (a.AtMicros, a.Event, Convert.ToHexString(a.Broken.Span)));
        Assert.Equal(one, other);
    }

    [Fact]
    public void EverythingZero_PassesTheStreamOn()
    {
        var calm = new DisorderOptions { Jitter = TimeSpan.Zero, DelayedShare = 0, DuplicateShare = 0, BrokenShare = 0 };
        Assert.Equal(Events, Disorder.Of(Events, calm).Select(a => a.Event!));
    }

    [Fact]
    public void OptionOutOfRange_IsNamed() =>
        Assert.Contains("DelayedShare", Assert.Throws<ArgumentException>(() => Disorder.Of(Events, new DisorderOptions { DelayedShare = 2 })).Message, StringComparison.Ordinal);
}
