using Media.Streaming;
using Media.Warehouse;
using Microsoft.Extensions.Configuration;

namespace Media.Jobs;

/// <summary>Settings from appsettings.json beside the program and from environment variables (<c>Kafka__BootstrapServers</c>), the latter winning.</summary>
internal static class JobConfiguration
{
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
