namespace Media.Features;

/// <summary>Whether a reader gave an address.</summary>
public static class ConversionFeatures
{
    public static IReadOnlyList<Feature> All { get; } =
    [
        new("has_newsletter", "flag", "1 when any session has a newsletter sign-up, else 0", (p, _) => p.NewsletterSignups.Sum > 0 ? 1 : 0),
        new("newsletter_signup_rate", "sign-ups/session", "total_newsletter_signups ÷ total_sessions", (p, _) => p.NewsletterSignups.Sum / p.Sessions),
    ];
}
