using System.CommandLine;
using Media.Lake;
using Media.Spark;
using Media.Streaming;
using Media.Warehouse;
using Microsoft.Extensions.Configuration;

namespace Media.Jobs;

/// <summary>Settings from appsettings.json beside the program and from environment variables (<c>Kafka__BootstrapServers</c>), the latter winning.</summary>
internal static class JobConfiguration
{
    /// <summary>The folder of <c>--out</c>, with lake and registry where <c>Lake__Url</c> and <c>Registry__Url</c> say: a folder or <c>s3://bucket/prefix</c>, reached as section <c>S3</c> says.</summary>
    /// <exception cref="JobException">An address or an S3 setting is wrong; all faults are listed.</exception>
    public static JourneyFolder Folder(ParseResult parsed)
    {
        var settings = Settings();
        var faults = new List<string>();
        var (lake, registry, s3) = (Address("Lake"), Address("Registry"), new S3Options());
        if (lake?.Bucket is not null || registry?.Bucket is not null)
        {
            try { s3 = settings.GetSection("S3").Get<S3Options>() ?? s3; }
            catch (InvalidOperationException e) { faults.Add((e.InnerException ?? e).Message); }
            faults.AddRange(s3.Faults());
        }
        if (faults.Count > 0) throw new JobException($"The settings of lake, registry and S3 are wrong: {string.Join(' ', faults)}");
        return new JourneyFolder(parsed.GetRequiredValue(JobOptions.Out)) { LakeAt = lake, RegistryAt = registry, S3 = s3 };

        StoreAddress? Address(string section)
        {
            if (settings[$"{section}:Url"] is not { Length: > 0 } url) return null;
            try { return StoreAddress.Parse(url); }
            catch (ArgumentException wrong)
            {
                faults.Add($"{section}__Url: {wrong.Message}");
                return null;
            }
        }
    }

    /// <summary>The Kafka to use, or null when none is configured and the embedded broker serves.</summary>
    /// <exception cref="JobException">Values are out of range; all faults are listed.</exception>
    public static KafkaOptions? Kafka() =>
        Settings().GetSection("Kafka") is var section && string.IsNullOrWhiteSpace(section["BootstrapServers"]) ? null : Read<KafkaOptions>(section);

    /// <summary>The warehouse to use: the server that is configured, or the engine in this process with its files in the jobs' folder.</summary>
    /// <exception cref="JobException">Values are out of range; all faults are listed.</exception>
    public static WarehouseOptions Warehouse(JourneyFolder folder)
    {
        var options = Read<WarehouseOptions>(Settings().GetSection("Warehouse"));
        return string.IsNullOrWhiteSpace(options.Path) ? options with { Path = folder.Warehouse } : options;
    }

    /// <summary>The Spark Connect server to use.</summary>
    /// <exception cref="JobException">Spark__Url is missing or is no address.</exception>
    public static SparkConnection Spark()
    {
        if (Settings()["Spark:Url"] is not { Length: > 0 } url) throw new JobException("Spark__Url is not set; it says where Spark Connect is, e.g. Spark__Url=sc://127.0.0.1:15002.");
        try { return SparkConnection.Parse(url); }
        catch (ArgumentException e) { throw new JobException($"Spark__Url is wrong: {e.Message}", e); }
    }

    private static T Read<T>(IConfigurationSection section) where T : class
    {
        T options;
        try { options = section.Get<T>() ?? Activator.CreateInstance<T>(); }
        catch (InvalidOperationException e) { throw new JobException($"The {section.Key} settings cannot be read: {(e.InnerException ?? e).Message}", e); }
        return Options.Faults(options) is { Count: > 0 } faults ? throw new JobException($"The {section.Key} settings are wrong: {string.Join(' ', faults)}") : options;
    }

    private static IConfigurationRoot Settings() =>
        new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();
}
