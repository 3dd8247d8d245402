using Apache.Arrow;
using Media.Events;
using Media.Sessions;

namespace Media.Lake;

/// <summary>Sessions as rows of <see cref="Tables.Sessions"/> and back. NaN in a metric is null in the table. Pure, thread-safe.</summary>
public static class SessionColumns
{
    /// <exception cref="ArgumentException">A session has another number of metrics than there are.</exception>
    public static RecordBatch From(IReadOnlyList<Session> sessions)
    {
        var batch = new BatchWriter(Tables.Sessions, sessions.Count);
        WriteContext(batch, sessions);
        WriteMetrics(batch, sessions);
        return batch.Build();
    }

    /// <summary>The rows as sessions, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of sessions.</exception>
    public static Session[] Read(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        var metrics = ReadMetrics(columns, batch.Length);
        TextReader id = columns.Text("session_id"), user = columns.Text("user_id"), brand = columns.Text("brand"), country = columns.Text("country"), city = columns.Text("city"),
            device = columns.Text("device_type"), os = columns.Text("device_os"), browser = columns.Text("browser"), timezone = columns.Text("timezone"),
            tier = columns.Text("subscription_tier"), segment = columns.Text("user_segment"), referrer = columns.Text("referrer"),
            landing = columns.Text("landing_article_id"), exit = columns.Text("exit_article_id"), category = columns.Text("top_category"), closedBy = columns.Text("closed_by");
        ValueReader<long> start = columns.Times("session_start"), end = columns.Times("session_end");
        var sessions = new Session[batch.Length];
        for (var row = 0; row < sessions.Length; row++)
            sessions[row] = new Session
            {
                SessionId = id.Need(row),
                UserId = new UserId(user.Need(row)),
                SessionStartMicros = start.Need(row),
                SessionEndMicros = end.Need(row),
                Brand = brand[row],
                Country = country[row],
                City = city[row],
                DeviceType = device.Word<DeviceType>(row),
                DeviceOs = os[row],
                Browser = browser[row],
                Timezone = timezone[row],
                SubscriptionTier = tier.Word<SubscriptionTier>(row),
                UserSegment = segment.Word<UserSegment>(row),
                Referrer = referrer.Word<Referrer>(row),
                LandingArticleId = landing[row],
                ExitArticleId = exit[row],
                TopCategory = category[row],
                ClosedBy = closedBy.NeedWord<ClosedBy>(row),
                Metrics = metrics[row],
            };
        return sessions;
    }

    private static void WriteContext(BatchWriter batch, IReadOnlyList<Session> sessions)
    {
        TextWriter id = batch.Text("session_id"), user = batch.Text("user_id"), brand = batch.Text("brand"), country = batch.Text("country"), city = batch.Text("city"),
            device = batch.Text("device_type"), os = batch.Text("device_os"), browser = batch.Text("browser"), timezone = batch.Text("timezone"),
            tier = batch.Text("subscription_tier"), segment = batch.Text("user_segment"), referrer = batch.Text("referrer"),
            landing = batch.Text("landing_article_id"), exit = batch.Text("exit_article_id"), category = batch.Text("top_category"), closedBy = batch.Text("closed_by");
        ValueWriter<long> start = batch.Longs("session_start"), end = batch.Longs("session_end");
        var date = batch.Integers("event_date");
        for (var row = 0; row < sessions.Count; row++)
        {
            var session = sessions[row];
            id.Set(row, session.SessionId);
            user.Set(row, session.UserId.Value);
            start.Set(row, session.SessionStartMicros);
            end.Set(row, session.SessionEndMicros);
            brand.Set(row, session.Brand);
            country.Set(row, session.Country);
            city.Set(row, session.City);
            device.Set(row, session.DeviceType);
            os.Set(row, session.DeviceOs);
            browser.Set(row, session.Browser);
            timezone.Set(row, session.Timezone);
            tier.Set(row, session.SubscriptionTier);
            segment.Set(row, session.UserSegment);
            referrer.Set(row, session.Referrer);
            landing.Set(row, session.LandingArticleId);
            exit.Set(row, session.ExitArticleId);
            category.Set(row, session.TopCategory);
            closedBy.Set<ClosedBy>(row, session.ClosedBy);
            date.Set(row, EpochDays.Of(session.SessionStartMicros));
        }
    }

    private static void WriteMetrics(BatchWriter batch, IReadOnlyList<Session> sessions)
    {
        foreach (var session in sessions)
            if (session.Metrics.Length != SessionMetrics.All.Count)
                throw new ArgumentException($"Session {session.SessionId} has {session.Metrics.Length} metrics, but there are {SessionMetrics.All.Count}.", nameof(sessions));
        foreach (var metric in SessionMetrics.All)
        {
            var set = Setter(batch, metric);
            for (var row = 0; row < sessions.Count; row++)
                if (sessions[row].Metrics[metric.Index] is var value && !double.IsNaN(value)) set(row, value);
        }
    }

    private static double[][] ReadMetrics(BatchReader columns, int rows)
    {
        var metrics = new double[rows][];
        for (var row = 0; row < rows; row++) metrics[row] = new double[SessionMetrics.All.Count];
        foreach (var metric in SessionMetrics.All)
        {
            var get = Getter(columns, metric);
            for (var row = 0; row < rows; row++) metrics[row][metric.Index] = get(row) ?? double.NaN;
        }
        return metrics;
    }

    private static Action<int, double> Setter(BatchWriter batch, SessionMetric metric)
    {
        switch (metric.Type)
        {
            case MetricType.Whole:
                var wholes = batch.Longs(metric.Name);
                return (row, value) => wholes.Set(row, checked((long)value));
            case MetricType.Flag:
                var flags = batch.Flags(metric.Name);
                return (row, value) => flags.Set(row, value != 0);
            default:
                return batch.Doubles(metric.Name).Set;
        }
    }

    private static Func<int, double?> Getter(BatchReader columns, SessionMetric metric)
    {
        switch (metric.Type)
        {
            case MetricType.Whole:
                var wholes = columns.Longs(metric.Name);
                return row => wholes[row];
            case MetricType.Flag:
                var flags = columns.Flags(metric.Name);
                return row => flags[row] is { } flag ? flag ? 1 : 0 : null;
            default:
                var reals = columns.Doubles(metric.Name);
                return row => reals[row];
        }
    }
}
