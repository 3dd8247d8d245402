using Media.Sessions;

namespace Media.Tests.Sessions;

/// <summary>Sessions compared in every field and all metrics.</summary>
public static class SessionAssert
{
    public static void Same(IEnumerable<Session> expected, IEnumerable<Session> actual)
    {
        var want = Ordered(expected);
        var got = Ordered(actual);
        Assert.Equal(want.Select(s => (s.UserId, s.SessionStartMicros)), got.Select(s => (s.UserId, s.SessionStartMicros)));
        for (var i = 0; i < want.Count; i++)
        {
            Assert.Equal(Context(want[i]), Context(got[i]));
            for (var m = 0; m < 64; m++)
                Assert.True(Close(want[i].Metrics[m], got[i].Metrics[m]), $"{SessionMetrics.All[m].Name}: expected {want[i].Metrics[m]:R}, got {got[i].Metrics[m]:R}");
        }
    }

    private static List<Session> Ordered(IEnumerable<Session> sessions) => [.. sessions.OrderBy(s => s.UserId.Value, StringComparer.Ordinal).ThenBy(s => s.SessionStartMicros)];

    private static Session Context(Session session) => session with { Metrics = NoMetrics };

    private static readonly double[] NoMetrics = [];

    /// <summary>Equal, both NaN, or apart by no more than the rounding of another order of adding up.</summary>
    private static bool Close(double a, double b) => a.Equals(b) || Math.Abs(a - b) <= 1e-12 * Math.Max(1, Math.Abs(a));
}
