using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Media.Streaming;

/// <summary>A Kafka broker inside this process, on real sockets of 127.0.0.1: enough for one machine, with nothing to install.</summary>
/// <remarks>
/// It is the mock cluster of librdkafka. It keeps everything in memory, gone with the process, and only the newest ≈ 5 MiB of each partition:
/// producers must use the pacing that <see cref="CreateTopic"/> gives. Thread-safe.
/// </remarks>
/// <seealso href="https://github.com/confluentinc/librdkafka/blob/master/src/rdkafka_mock.h">librdkafka, rdkafka_mock.h</seealso>
public sealed unsafe class EmbeddedBroker : IDisposable
{
    private const int Producer = 0; // rd_kafka_type_t; the cluster lives beside any client
    private const int ErrorBytes = 512;

    /// <summary>Unread bytes of a partition, well below the 5 MiB at which the oldest vanish.</summary>
    private const long MaxUnreadBytes = 4 * 1024 * 1024;

    private readonly nint _library;
    private readonly nint _client;
    private readonly Lock _lock = new();
    private nint _cluster;

    private EmbeddedBroker(nint library)
    {
        _library = library;
        var configuration = ((delegate* unmanaged[Cdecl]<nint>)Export("rd_kafka_conf_new"))();
        Span<byte> error = stackalloc byte[ErrorBytes];
        fixed (byte* name = "log_level\0"u8, value = "2\0"u8, text = error)
        {
            ((delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, int>)Export("rd_kafka_conf_set"))(configuration, name, value, text, ErrorBytes);
            _client = ((delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint>)Export("rd_kafka_new"))(Producer, configuration, text, ErrorBytes);
            if (_client == 0) throw new InvalidOperationException($"The embedded broker did not start: {Marshal.PtrToStringUTF8((nint)text)}");
        }
        _cluster = ((delegate* unmanaged[Cdecl]<nint, int, nint>)Export("rd_kafka_mock_cluster_new"))(_client, 1);
        if (_cluster == 0) throw new InvalidOperationException("The embedded broker did not start: no mock cluster could be made.");
        // A group of one machine is complete at once; the default waits 3 s for more members.
        ((delegate* unmanaged[Cdecl]<nint, int, void>)Export("rd_kafka_mock_group_initial_rebalance_delay_ms"))(_cluster, 0);
        BootstrapServers = Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint, nint>)Export("rd_kafka_mock_cluster_bootstraps"))(_cluster)) ?? "";
    }

    /// <summary>127.0.0.1:port</summary>
    public string BootstrapServers { get; }

    /// <exception cref="PlatformNotSupportedException">There is no librdkafka for this platform.</exception>
    public static EmbeddedBroker Start()
    {
        try
        {
            Library.Load();
        }
        catch (Exception fault) when (fault is DllNotFoundException or InvalidOperationException or BadImageFormatException)
        {
            throw new PlatformNotSupportedException(
                $"The embedded broker needs librdkafka, and none was found for {RuntimeInformation.RuntimeIdentifier}; use a Kafka server: Kafka__BootstrapServers=host:9092.", fault);
        }
        using var process = Process.GetCurrentProcess();
        var module = process.Modules.Cast<ProcessModule>().First(m => m.ModuleName.Contains("librdkafka", StringComparison.Ordinal));
        return new EmbeddedBroker(NativeLibrary.Load(module.FileName));
    }

    /// <returns>The pacing for all producers and consumers of the topic.</returns>
    public ProducerPacing CreateTopic(string name, int partitions)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            fixed (byte* utf8 = Encoding.UTF8.GetBytes(name + '\0'))
            {
                var error = ((delegate* unmanaged[Cdecl]<nint, byte*, int, int, int>)Export("rd_kafka_mock_topic_create"))(_cluster, utf8, partitions, 1);
                if (error != 0) throw new ArgumentException($"The embedded broker refused the topic '{name}' with {partitions} partitions: {(ErrorCode)error}.");
            }
        }
        return new ProducerPacing(partitions, MaxUnreadBytes);
    }

    /// <summary>Stops it: connected clients see a broker that went away.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_cluster == 0) return;
            ((delegate* unmanaged[Cdecl]<nint, void>)Export("rd_kafka_mock_cluster_destroy"))(_cluster);
            ((delegate* unmanaged[Cdecl]<nint, void>)Export("rd_kafka_destroy"))(_client);
            _cluster = 0;
        }
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);
}
