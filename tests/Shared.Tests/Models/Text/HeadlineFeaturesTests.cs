using Media.Models.Text;

namespace Media.Tests.Models.Text;

public class HeadlineFeaturesTests
{
    [Fact]
    public void Names_AreDistinctAndAsManyAsFeatures()
    {
        Assert.Equal(HeadlineFeatures.Names.Count, HeadlineFeatures.Names.Distinct().Count());
        Assert.Equal(HeadlineFeatures.Names.Count, HeadlineFeatures.Of("9 things").Length);
    }

    [Theory]
    [InlineData("Why do YOU care? You don't.", "title_characters", 27)]
    [InlineData("Why do YOU care? You don't.", "title_words", 6)]
    [InlineData("Why do YOU care? You don't.", "title_second_person", 2)]
    [InlineData("Why do YOU care? You don't.", "title_negations", 1)]
    [InlineData("Why do YOU care? You don't.", "title_capital_words", 1)]
    [InlineData("Why do YOU care? You don't.", "title_sentences", 2)]
    [InlineData("Why do YOU care? You don't.", "title_starts_with_question_word", 1)]
    [InlineData("Why do YOU care? You don't.", "title_has_question", 1)]
    [InlineData("Why do YOU care? You don't.", "title_ends_with_question", 0)]
    [InlineData("Why do YOU care? You don't.", "title_ends_with_full_stop", 1)]
    [InlineData("Why do YOU care? You don’t.", "title_has_apostrophe", 1)]
    [InlineData("7 reasons, 1 “deal”…", "title_starts_with_digit", 1)]
    [InlineData("7 reasons, 1 “deal”…", "title_reasons", 1)]
    [InlineData("7 reasons, 1 “deal”…", "title_has_quote", 1)]
    [InlineData("7 reasons, 1 “deal”…", "title_has_ellipsis", 1)]
    [InlineData("7 reasons, 1 “deal”…", "title_commas", 1)]
    [InlineData("Exclusive: board plans sale", "title_announcements", 1)]
    [InlineData("Exclusive: board plans sale", "title_has_colon", 1)]
    [InlineData("the same the same", "title_distinct_word_share", 0.5)]
    [InlineData("ab abcdefg", "title_long_word_share", 0.5)]
    [InlineData("ab abcd", "title_mean_word_length", 3)]
    public void Feature_CountsWhatItsNameSays(string headline, string feature, double value) =>
        Assert.Equal(value, HeadlineFeatures.Of(headline)[HeadlineFeatures.Names.ToList().IndexOf(feature)], 6);

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    public void EmptyHeadline_IsZeros(string headline) => Assert.All(HeadlineFeatures.Of(headline), f => Assert.Equal(0, f));

    [Theory]
    [InlineData("?")]
    [InlineData("!!! ... ---")]
    [InlineData("日本語の見出し")]
    public void OddHeadline_IsFinite(string headline) => Assert.All(HeadlineFeatures.Of(headline), f => Assert.True(float.IsFinite(f)));
}
