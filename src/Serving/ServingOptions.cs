using System.ComponentModel.DataAnnotations;

namespace Media.Serving;

/// <summary>Where the API finds what it serves, and its limits: section <c>Serving</c>, for example <c>Serving__DataFolder=…</c> in the environment.</summary>
/// <remarks>Checked at start with every fault listed at once; a key that is no option is a fault too.</remarks>
public sealed record ServingOptions
{
    /// <summary>Folder with <c>lake</c> and <c>registry</c> inside, as the journey leaves it. Relative: to the current folder or, when it is not there, to the folder of Media.sln above it. Default artifacts/journey.</summary>
    [Required]
    public string DataFolder { get; init; } = Path.Combine("artifacts", "journey");

    /// <summary>Address to listen on unless ASP.NET's own <c>urls</c> or <c>http_ports</c> (as container images set it) says otherwise. Default http://127.0.0.1:5080: this machine only.</summary>
    [Required]
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>Largest request body, bytes; more is 413. Default 65,536, range 4,096 – 1,048,576.</summary>
    [Range(4_096, 1_048_576)]
    public int MaxBodyBytes { get; init; } = 65_536;

    /// <summary>How often registry and lake are looked at for something newer. Default 5 s, range 100 ms – 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often decisions and rewards are written to the lake; a crash loses at most this much. Default 1 s, range 100 ms – 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WriteEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Rows that may wait while the lake cannot be written; beyond, the bandit answers 503 rather than decide what it cannot log. Default 200,000, range 1 – 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxUnwrittenRows { get; init; } = 200_000;

    /// <summary>A click earlier than this after its decision counts; from then on the reward is 0. Default 30 min, range 1 s – 7 d.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan RewardWindow { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a decision is remembered, also over a restart. Default 24 h, range 1 s – 30 d, at least the reward window.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RememberDecisions { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Seed of the bandit's draws, for repeatable tests; null draws one at start. Default null.</summary>
    public int? BanditSeed { get; init; }

    /// <summary>The options from the configuration's section <c>Serving</c>, checked.</summary>
    /// <exception cref="InvalidServingOptionsException">Something is out of range, unreadable or no option.</exception>
    internal static ServingOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Serving");
        string[] known = [.. typeof(ServingOptions).GetProperties().Select(p => p.Name)];
        List<string> faults = [.. section.GetChildren().Where(c => !known.Contains(c.Key, StringComparer.OrdinalIgnoreCase)).Select(c => $"'{c.Key}' is no option; there are {string.Join(", ", known)}.")];
        var options = new ServingOptions();
        try
        {
            options = section.Get<ServingOptions>() ?? options;
        }
        catch (InvalidOperationException unreadable)
        {
            faults.Add($"{unreadable.Message} {unreadable.InnerException?.Message}".TrimEnd());
        }
        faults.AddRange(Options.Faults(options));
        if (options.RememberDecisions < options.RewardWindow) faults.Add($"RememberDecisions is {options.RememberDecisions} but must be at least RewardWindow, {options.RewardWindow}.");
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) faults.Add($"Url is '{options.Url}' but must be an http or https address.");
        return faults.Count == 0 ? options : throw new InvalidServingOptionsException(faults);
    }

    /// <summary><see cref="DataFolder"/> as a full path.</summary>
    internal string FindDataFolder()
    {
        var here = Path.GetFullPath(DataFolder);
        if (Directory.Exists(here)) return here;
        var root = new DirectoryInfo(Directory.GetCurrentDirectory());
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Media.sln"))) root = root.Parent;
        return root is null ? here : Path.GetFullPath(DataFolder, root.FullName);
    }
}

/// <summary>The configuration cannot be served with; every fault is listed.</summary>
public sealed class InvalidServingOptionsException(IReadOnlyList<string> faults) : Exception($"The configuration of Serving has {faults.Count} fault(s):\n  {string.Join("\n  ", faults)}")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
