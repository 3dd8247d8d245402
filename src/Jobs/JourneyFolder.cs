namespace Media.Jobs;

/// <summary>Where the jobs keep what they make: lake, registry, results, report.</summary>
internal sealed record JourneyFolder(string Root)
{
    public const string Default = "artifacts/journey";

    /// <summary>Says that a folder is a journey's own and may be replaced by the next one.</summary>
    private const string MarkerName = ".media-journey";

    public string Lake => Path.Combine(Root, "lake");
    public string Registry => Path.Combine(Root, "registry");
    public string Results => Path.Combine(Root, "results");
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>Makes the folder where it is not there yet.</summary>
    /// <exception cref="JobException">It cannot be written to.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(Results);
            File.WriteAllText(Path.Combine(Root, MarkerName), "Made by the jobs; 'jobs journey' replaces this folder.\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"Cannot write to the output folder '{Root}': {e.Message}", e);
        }
    }

    /// <summary>An empty folder for a new journey; an earlier journey's is replaced, anything else is left alone.</summary>
    /// <exception cref="JobException">It holds something else, or cannot be written to.</exception>
    public void StartAfresh()
    {
        if (File.Exists(Root)) throw new JobException($"The output folder '{Root}' is a file.");
        if (Directory.Exists(Root) && Directory.EnumerateFileSystemEntries(Root).Any())
        {
            if (!File.Exists(Path.Combine(Root, MarkerName)))
                throw new JobException($"The output folder '{Root}' holds files that no journey made; choose another with --out.");
            try { Directory.Delete(Root, recursive: true); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new JobException($"Cannot replace the earlier journey in '{Root}': {e.Message}", e);
            }
        }
        Create();
    }
}
