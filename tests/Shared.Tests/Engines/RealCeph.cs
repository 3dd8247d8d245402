using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Media.Lake;

[assembly: AssemblyFixture(typeof(Media.Tests.Engines.OneCeph))]

namespace Media.Tests.Engines;

/// <summary>The one Ceph object gateway of a test assembly, started by the first test that wants it: a second S3 implementation, where Debian's radosgw, ceph-mon and ceph-osd are installed.</summary>
public sealed class OneCeph : IAsyncDisposable
{
    private readonly Lazy<Task<RealCeph>> _server = new(() => RealCeph.StartOrSkipAsync(CancellationToken.None));

    /// <summary>A new, empty bucket, or the test is skipped and says what is missing.</summary>
    public async Task<TestBucket> NewBucketAsync() => await TestBucket.MakeAsync((await _server.Value).Options);

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully) await (await _server.Value).DisposeAsync();
    }
}

/// <summary>A cluster of one monitor, one store in memory and one gateway, all on 127.0.0.1 and children of this process.</summary>
internal sealed class RealCeph : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
    private readonly string _folder = Directory.CreateTempSubdirectory("media-ceph-").FullName;
    private readonly List<Process> _servers = [];
    private readonly int _gateway = FreePort(), _monitor = FreePort();
    private readonly (string Access, string Secret) _keys = (Guid.NewGuid().ToString("N")[..12], Guid.NewGuid().ToString("N"));

    private RealCeph() { }

    public S3Options Options => new() { Endpoint = $"http://127.0.0.1:{_gateway}", AccessKey = _keys.Access, SecretKey = _keys.Secret };

    public static async Task<RealCeph> StartOrSkipAsync(CancellationToken cancel)
    {
        foreach (var program in new[] { "ceph-mon", "ceph-osd", "radosgw" })
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)))) Assert.Skip($"{program} is not installed (Debian's packages radosgw, ceph-mon and ceph-osd).");
        var ceph = new RealCeph();
        try
        {
            await ceph.StartAsync(cancel);
            return ceph;
        }
        catch
        {
            await ceph.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The gateway first: it would wait for the others.
        foreach (var server in Enumerable.Reverse(_servers))
        {
            if (!server.HasExited) server.Kill();
            await server.WaitForExitAsync();
            server.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        var cluster = Guid.NewGuid().ToString("D");
        foreach (var name in new[] { "mon", "osd", "rgw", "run" }) Directory.CreateDirectory(Path.Combine(_folder, name));
        await File.WriteAllTextAsync(Path.Combine(_folder, "ceph.conf"), $"""
            [global]
            fsid = {cluster}
            mon_host = v1:127.0.0.1:{_monitor}
            public_addr = 127.0.0.1
            cluster_addr = 127.0.0.1
            ms_bind_msgr2 = false
            auth_cluster_required = none
            auth_service_required = none
            auth_client_required = none
            osd_pool_default_size = 1
            osd_pool_default_min_size = 1
            osd_crush_chooseleaf_type = 0
            osd_pool_default_pg_num = 1
            osd_pool_default_pgp_num = 1
            osd_pool_default_pg_autoscale_mode = off
            mon_allow_pool_size_one = true
            run_dir = {_folder}/run
            admin_socket = {_folder}/run/$name.asok
            log_file = {_folder}/$name.log
            [mon]
            mon_data = {_folder}/mon
            [osd]
            osd_data = {_folder}/osd
            osd_objectstore = memstore
            memstore_device_bytes = 2147483648
            osd_class_load_list = *
            osd_class_default_list = *
            [client.rgw]
            rgw_data = {_folder}/rgw
            rgw_frontends = beast endpoint=127.0.0.1:{_gateway}

            """, cancel);
        var map = Path.Combine(_folder, "monmap");
        await RunAsync("monmaptool", ["--create", "--addv", "a", $"v1:127.0.0.1:{_monitor}", "--fsid", cluster, map], cancel);
        await RunAsync("ceph-mon", ["--mkfs", "-i", "a", "--monmap", map], cancel);
        Serve("ceph-mon", "-i", "a", "-f");
        var osd = Guid.NewGuid().ToString("D");
        await RunAsync("ceph", ["osd", "new", osd], cancel);
        await RunAsync("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", osd], cancel);
        Serve("ceph-osd", "-i", "0", "-f");
        await RunAsync("radosgw-admin", ["user", "create", "--uid=test", "--display-name=test", $"--access-key={_keys.Access}", $"--secret-key={_keys.Secret}"], cancel);
        var gateway = Serve("radosgw", "-n", "client.rgw", "-f");
        for (var waited = Stopwatch.StartNew(); ;)
        {
            Assert.False(gateway.HasExited, "radosgw ended before it accepted connections.");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _gateway, cancel);
                return;
            }
            catch (SocketException) when (waited.Elapsed < LongestStart)
            {
                await Task.Delay(100, cancel);
            }
        }
    }

    private Process Serve(string program, params string[] arguments)
    {
        var server = Start(program, arguments);
        _servers.Add(server);
        server.OutputDataReceived += static (_, _) => { };
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        return server;
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancel)
    {
        using var process = Start(program, arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LongestStart);
        var said = new StringBuilder();
        process.OutputDataReceived += (_, line) => said.AppendLine(line.Data);
        process.BeginOutputReadLine();
        string errors;
        try
        {
            errors = await process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            if (cancel.IsCancellationRequested) throw;
            Assert.Fail($"{program} {arguments[0]} did not end within {LongestStart.TotalSeconds} s.");
            return;
        }
        Assert.True(process.ExitCode == 0, $"{program} {arguments[0]} ended with {process.ExitCode}: {errors}");
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CEPH_CONF"] = Path.Combine(_folder, "ceph.conf");
        return Process.Start(start)!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
