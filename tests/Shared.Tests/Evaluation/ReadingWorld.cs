using Media.Events;
using Media.Features;

namespace Media.Tests.Evaluation;

/// <summary>A made-up news site: every day each of four tastes gets six articles, which a reader of that taste turns to on the next day, and seldom to others.</summary>
/// <remarks>An article of taste t is opened by the editor of t in its first hour and by some early readers of t by noon. Popularity cannot tell the tastes apart: all are as large.</remarks>
internal static class ReadingWorld
{
    public const int Tastes = 4;
    private const int ArticlesOfTaste = 6;
    private const long Hour = 3_600_000_000;

    public static readonly DateTimeOffset Start = new(2024, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Reader(int number) => $"r{number}";

    public static string Article(int day, int number) => $"d{day}a{number}";

    /// <summary>Which taste a reader, or an article of a day, is of.</summary>
    public static int TasteOf(int number) => number % Tastes;

    /// <param name="and">More events: instant, reader, article.</param>
    public static ArticleLog Draw(int readers, int days, int seed, params IEnumerable<(DateTimeOffset At, string Reader, string Article)> and)
    {
        var random = new Random(seed);
        var gathering = new ArticleLog.Gathering();
        for (var day = 0; day < days; day++)
        {
            var start = EpochMicros.Of(Start.AddDays(day));
            for (var a = 0; a < Tastes * ArticlesOfTaste; a++)
            {
                Read(start + random.NextInt64(Hour), $"editor{TasteOf(a)}", Article(day, a));
                for (var early = 0; early < 2; early++) Read(start + Hour + random.NextInt64(11 * Hour), Reader(random.Next(readers / Tastes) * Tastes + TasteOf(a)), Article(day, a));
            }
            for (var reader = 0; day > 0 && reader < readers; reader++)
            {
                if (random.NextDouble() > 0.5) continue;
                for (var reading = 0; reading < 3; reading++)
                {
                    var taste = random.NextDouble() < 0.95 ? TasteOf(reader) : random.Next(Tastes);
                    Read(start + 12 * Hour + random.NextInt64(11 * Hour), Reader(reader), Article(day - 1, random.Next(ArticlesOfTaste) * Tastes + taste));
                }
            }
        }
        foreach (var (at, reader, article) in and) Read(EpochMicros.Of(at), reader, article);
        return gathering.ToLog();

        void Read(long micros, string reader, string article)
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            gathering.Add(micros, new EventId(new Guid(bytes)), reader, "site", new Article(article, null, null, "article", null, null), ArticleAct.View, null, null, 30);
        }
    }
}
