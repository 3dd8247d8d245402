using System.Text;
using System.Text.Json;

namespace Media.Events;

/// <summary>What happened: the discriminator of the closed event family.</summary>
public enum EventType
{
    ArticleImpression, ArticleClick, ArticleView, VideoPlay, AdImpression, AdClick, Search, Navigation, Reaction,
    SubscriptionPrompt, NewsletterSignup, SubscriptionStart, SessionEnd,
}

public enum Referrer { Direct, Google, Facebook, Twitter, Newsletter, Internal, Reddit, Linkedin, Bing, Other }

public enum DeviceType { Desktop, Mobile, Tablet, SmartTv, App }

public enum SubscriptionTier { Free, Premium, Pro, Enterprise }

public enum UserSegment { PowerUser, Engaged, Subscriber, Casual, NewVisitor, Returning }

/// <summary>Where on the site an article was offered.</summary>
public enum Surface { Home, Category, Article, Search, Newsletter, Recommendation }

/// <summary>Ad placements: the arms of the bandit.</summary>
public enum AdSlot { Header, MidPage, InArticle, Sidebar, Footer }

public enum ReactionKind { Like, Bookmark, Share, Comment, Follow }

public enum PromptType { Modal, Banner, Inline }

public enum NewsletterType { DailyDigest, BreakingNews, WeeklySummary, TopicSpecific }

/// <summary>The contract's spelling (snake_case) of an enum's values, in UTF-16 and UTF-8. Thread-safe; built once per enum.</summary>
/// <remarks>Values must be 0…n−1, as all above are.</remarks>
public static class Vocabulary<TEnum> where TEnum : struct, Enum
{
    private static readonly string[] Text = [.. Enum.GetNames<TEnum>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    private static readonly byte[][] Utf8 = [.. Text.Select(Encoding.UTF8.GetBytes)];
    private static readonly TEnum[] Values = Enum.GetValues<TEnum>();

    /// <summary>All spellings, in the enum's order.</summary>
    public static IReadOnlyList<string> Names => Text;

    public static string Name(TEnum value) => Text[Index(value)];

    public static ReadOnlySpan<byte> NameUtf8(TEnum value) => Utf8[Index(value)];

    public static bool TryParse(ReadOnlySpan<byte> utf8, out TEnum value)
    {
        for (var i = 0; i < Utf8.Length; i++)
            if (utf8.SequenceEqual(Utf8[i])) { value = Values[i]; return true; }
        value = default;
        return false;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out TEnum value)
    {
        for (var i = 0; i < Text.Length; i++)
            if (text.SequenceEqual(Text[i])) { value = Values[i]; return true; }
        value = default;
        return false;
    }

    private static int Index(TEnum value) => System.Runtime.CompilerServices.Unsafe.As<TEnum, int>(ref value);
}
