using Media.Events;
using Media.Features;
using Media.Features.Offers;

namespace Media.Tests.Features.Offers;

public class OfferTests
{
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const long Start = 1_000_000 * Minute;

    /// <summary>Each act: second, i (impression) c (click) v (view), article, and the position of an impression; expected offers: page's second, article, clicked.</summary>
    [Theory]
    [InlineData("0 i a 0, 1 i b 1, 5 c b", "0 a -, 0 b +")]
    [InlineData("0 i a 0, 1 i b 0", "0 a -, 1 b -")] // the position does not rise: another page
    [InlineData("0 i a 0, 1 v x, 2 i b 1", "0 a -, 2 b -")] // something was read between
    [InlineData("0 i a 0, 61 i b 1", "0 a -, 61 b -")] // later than a minute
    [InlineData("0 i a 0, 1 i a 1, 5 c a", "0 a +")] // twice on a page is once
    [InlineData("0 i a 0, 100 i a 0, 105 c a", "0 a -, 100 a +")] // the later offer has the click
    [InlineData("0 i a 0, 1799 c a", "0 a +")]
    [InlineData("0 i a 0, 1800 c a", "0 a -")] // 30 minutes have passed
    [InlineData("0 c a, 1 i a 0", "1 a -")]
    public void Pages_AndClicksOfOffers(string acts, string expected)
    {
        var gathering = new ArticleLog.Gathering();
        foreach (var (i, act) in acts.Split(", ").Index())
        {
            var parts = act.Split(' ');
            var kind = parts[1] switch { "i" => ArticleAct.Impression, "c" => ArticleAct.Click, _ => ArticleAct.View };
            gathering.Add(Start + long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) * Second, Id(i), "reader", "brand", new Article(parts[2], "news", null, null, null, null), kind,
                kind == ArticleAct.Impression ? Surface.Home : null, kind == ArticleAct.Impression ? int.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture) : null, null);
        }
        var log = gathering.ToLog();
        var offers = Offer.Of(log, Start + 90 * Minute);
        Assert.Equal(expected.Split(", "), offers.Select(o => $"{(o.PageMicros - Start) / Second} {log.Articles[o.Article].ArticleId} {(o.Clicked ? '+' : '-')}"));
        Assert.Empty(Offer.Of(log, Start));
    }

    [Theory]
    [InlineData("Why the fund plans the key vote?", true, false, false, false, 7)]
    [InlineData("7 reasons the fund plans the key vote", false, true, false, false, 8)]
    [InlineData("Exclusive: fund plans key vote", false, false, true, false, 5)]
    [InlineData(" Warning as  fund plans key vote ", false, false, false, true, 6)]
    [InlineData("", false, false, false, false, 0)]
    public void TitleForm_IsReadFromTheText(string title, bool question, bool number, bool exclusive, bool warning, int words) =>
        Assert.Equal(new TitleForm(question, number, exclusive, warning, words), TitleForm.Of(title));

    private static EventId Id(int i) => new(new Guid(i + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));
}
