using System.ComponentModel.DataAnnotations;
using Media.Lake;

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

    /// <summary>Setting <c>Lake__Url</c>, as the jobs have it: a folder or <c>s3://bucket/prefix</c>; null = lake in the data folder.</summary>
    internal StoreAddress? LakeAt { get; init; }

    /// <summary>Setting <c>Registry__Url</c>; null = registry in the data folder.</summary>
    internal StoreAddress? RegistryAt { get; init; }

    /// <summary>Section <c>S3</c>: how an address that is a bucket is reached.</summary>
    internal S3Options S3 { get; init; } = new();

    /// <summary>The options from the configuration's section <c>Serving</c>, with the addresses of lake and registry, checked.</summary>
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
        options = options with { LakeAt = Address(configuration, "Lake", faults), RegistryAt = Address(configuration, "Registry", faults) };
        if (options.LakeAt?.Bucket is not null || options.RegistryAt?.Bucket is not null)
        {
            try
            {
                options = options with { S3 = configuration.GetSection("S3").Get<S3Options>() ?? new() };
            }
            catch (InvalidOperationException unreadable)
            {
                faults.Add($"{unreadable.Message} {unreadable.InnerException?.Message}".TrimEnd());
            }
            faults.AddRange(options.S3.Faults());
        }
        return faults.Count == 0 ? options : throw new InvalidServingOptionsException(faults);
    }

    private static StoreAddress? Address(IConfiguration configuration, string section, List<string> faults)
    {
        if (configuration[$"{section}:Url"] is not { Length: > 0 } url) return null;
        try
        {
            return StoreAddress.Parse(url);
        }
        catch (ArgumentException wrong)
        {
            faults.Add($"{section}__Url: {wrong.Message}");
            return null;
        }
    }

    /// <summary>Lake and registry. Nothing is asked of a bucket yet, so the server also comes up while it cannot be reached.</summary>
    /// <exception cref="InvalidServingOptionsException">The S3 settings lack a region.</exception>
    /// <exception cref="IOException">A folder cannot be made.</exception>
    internal (IObjectStore Lake, IObjectStore Registry) OpenStores()
    {
        var data = FindDataFolder();
        try
        {
            return (LakeAt?.Open(S3) ?? new LocalObjectStore(Path.Combine(data, "lake")), RegistryAt?.Open(S3) ?? new LocalObjectStore(Path.Combine(data, "registry")));
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidServingOptionsException([wrong.Message]);
        }
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
