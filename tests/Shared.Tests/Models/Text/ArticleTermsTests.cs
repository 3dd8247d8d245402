using Media.Models.Text;

namespace Media.Tests.Models.Text;

public class ArticleTermsTests
{
    [Fact]
    public void Terms_AreWordsInLowerCaseAndTheCategoryApart() =>
        Assert.Equal(["rates", "don't", "rise", "rates", "category rates"], ArticleTerms.Of("Rates: don’t rise, rates!", "rates"));

    [Fact]
    public void WhatIsUnknown_HasNoTerm() => Assert.Empty(ArticleTerms.Of(null, null));
}
