using Media.Features;
using Media.Lake;

namespace Media.Jobs;

/// <summary>What was done with articles, from the lake's events: read when it is first asked for, and kept, since it takes seconds. Not thread-safe.</summary>
internal sealed class LakeArticles(IObjectStore lake, JobConsole console)
{
    private ArticleLog? _log;

    /// <exception cref="JobException">There are no events yet.</exception>
    public async Task<ArticleLog> ReadAsync(CancellationToken cancel) => _log ??= await console.StepAsync("read article log", async () =>
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.Events, cancel);
        var gathering = new ArticleLog.Gathering();
        await foreach (var batch in table.ReadAsync(new ReadOptions { Columns = ArticleLogColumns.Names }, cancel))
            using (batch)
                ArticleLogColumns.Read(batch, gathering);
        return gathering.ToLog();
    });
}
