using Media.Streaming;
using Microsoft.Extensions.Configuration;

namespace Media.Jobs;

/// <summary>Settings from appsettings.json beside the program and from environment variables (<c>Kafka__BootstrapServers</c>), the latter winning.</summary>
internal static class JobConfiguration
{
    /// <summary>The Kafka to use, or null when none is configured and the embedded broker serves.</summary>
    /// <exception cref="JobException">Values are out of range; all faults are listed.</exception>
    public static KafkaOptions? Kafka()
    {
        var section = Settings().GetSection("Kafka");
        if (string.IsNullOrWhiteSpace(section["BootstrapServers"])) return null;
        KafkaOptions options;
        try { options = section.Get<KafkaOptions>()!; }
        catch (InvalidOperationException e) { throw new JobException($"The Kafka settings cannot be read: {(e.InnerException ?? e).Message}", e); }
        return Options.Faults(options) is { Count: > 0 } faults ? throw new JobException($"The Kafka settings are wrong: {string.Join(' ', faults)}") : options;
    }

    private static IConfigurationRoot Settings() =>
        new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();
}
