using Media.Lake;

namespace Media.Jobs;

/// <summary>Where the jobs keep what they make: lake, warehouse, registry, results, report; all under one folder unless lake or registry have an address of their own.</summary>
internal sealed record JourneyFolder(string Root)
{
    public const string Default = "artifacts/journey";

    /// <summary>Says that a folder is a journey's own and may be replaced by the next one.</summary>
    private const string MarkerName = ".media-journey";

    public string Lake => Path.Combine(Root, "lake");
    public string Registry => Path.Combine(Root, "registry");
    public string Warehouse => Path.Combine(Root, "warehouse");

    /// <summary>Where the lake is when it is not <see cref="Lake"/>. Default null.</summary>
    public StoreAddress? LakeAt { get; init; }

    /// <summary>Where the registry is when it is not <see cref="Registry"/>. Default null.</summary>
    public StoreAddress? RegistryAt { get; init; }

    /// <summary>How an address that is a bucket is reached.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>As a person would name it.</summary>
    public string LakePlace => LakeAt?.ToString() ?? Lake;

    public IObjectStore OpenLake() => LakeAt?.Open(S3) ?? new LocalObjectStore(Lake);

    public IObjectStore OpenRegistry() => RegistryAt?.Open(S3) ?? new LocalObjectStore(Registry);

    /// <summary>Folder of what the warehouse is being fed and has not whole yet; always on this machine, whose sessionizer alone writes it.</summary>
    public string WarehouseFeed => Path.Combine(Root, "warehouse-feed");
    public string Results => Path.Combine(Root, "results");
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>Makes the folder where it is not there yet.</summary>
    /// <exception cref="JobException">It cannot be written to.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(Results);
            // Jobs that share a folder may come to it at once.
            var marker = Path.Combine(Root, MarkerName);
            if (!File.Exists(marker)) File.WriteAllText(marker, "Made by the jobs; 'jobs journey' replaces this folder.\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"Cannot write to the output folder '{Root}': {e.Message}", e);
        }
    }

    /// <summary>Keeps other jobs from replacing this folder until it is disposed of.</summary>
    /// <exception cref="JobException">Another job holds it, or its parent cannot be written to.</exception>
    public IDisposable Hold()
    {
        var file = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Root)) + ".lock";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file) ?? ".");
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(file)) { throw new JobException($"Another journey is being written to '{Root}'; wait for it or choose another --out.", e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new JobException($"Cannot write to the output folder '{Root}': {e.Message}", e); }
    }

    /// <summary>An empty folder beside this one, in which the next journey is made while this one stays as it is.</summary>
    /// <exception cref="JobException">This one holds files that no journey made, or the other cannot be made.</exception>
    public JourneyFolder StartNext()
    {
        if (File.Exists(Root)) throw new JobException($"Cannot write to the output folder '{Root}': it is a file.");
        if (Directory.Exists(Root) && !File.Exists(Path.Combine(Root, MarkerName)) && Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Any())
            throw new JobException($"The output folder '{Root}' holds files that no journey made; choose another with --out.");
        var next = new JourneyFolder(Path.TrimEndingDirectorySeparator(Root) + ".next");
        next.Delete();
        next.Create();
        return next;
    }

    /// <summary>Puts a finished journey in this one's place.</summary>
    /// <exception cref="JobException">The former one cannot be removed.</exception>
    public void ReplaceBy(JourneyFolder next)
    {
        Delete();
        try { Directory.Move(next.Root, Root); }
        catch (IOException e) { throw new JobException($"The journey in '{next.Root}' cannot be moved to '{Root}': {e.Message}", e); }
    }

    private void Delete()
    {
        if (!Directory.Exists(Root)) return;
        try { Directory.Delete(Root, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new JobException($"Cannot replace the earlier journey in '{Root}': {e.Message}", e); }
    }
}
