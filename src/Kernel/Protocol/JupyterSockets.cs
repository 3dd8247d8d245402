using NetMQ;
using NetMQ.Sockets;

namespace Media.Kernel.Protocol;

internal enum Channel
{
    Shell,
    Control,
    Stdin,
    Iopub,
}

/// <summary>The five sockets of a kernel, served by one thread; the heartbeat answers itself.</summary>
/// <remarks><see cref="Send"/> and <see cref="Stop"/> are thread-safe; <see cref="Received"/> comes on the serving thread.</remarks>
internal sealed class JupyterSockets : IDisposable
{
    private readonly MessageCodec _codec;
    private readonly RouterSocket _shell = new();
    private readonly RouterSocket _control = new();
    private readonly RouterSocket _stdin = new();
    private readonly PublisherSocket _iopub = new();
    private readonly ResponseSocket _heartbeat = new();
    private readonly NetMQQueue<(Channel Channel, NetMQMessage? Frames)> _outgoing = new();
    private readonly NetMQPoller _poller;

    /// <exception cref="KernelException">A port is taken or the address is none.</exception>
    public JupyterSockets(ConnectionFile connection)
    {
        _codec = new MessageCodec(connection.Key);
        _iopub.Options.SendHighWatermark = 0; // outputs must not be dropped because a cell writes fast
        foreach (var (socket, port) in (IEnumerable<(NetMQSocket, int)>)[(_heartbeat, connection.HeartbeatPort), (_shell, connection.ShellPort), (_control, connection.ControlPort), (_stdin, connection.StdinPort), (_iopub, connection.IopubPort)])
        {
            socket.Options.Linger = TimeSpan.FromSeconds(1); // a last reply still goes out
            try
            {
                socket.Bind(connection.Address(port));
            }
            catch (NetMQException fault)
            {
                throw new KernelException($"The kernel cannot listen on {connection.Address(port)}: {fault.Message}", fault);
            }
        }
        _shell.ReceiveReady += (_, _) => Receive(_shell, Channel.Shell);
        _control.ReceiveReady += (_, _) => Receive(_control, Channel.Control);
        _stdin.ReceiveReady += (_, _) => Receive(_stdin, Channel.Stdin);
        _heartbeat.ReceiveReady += (_, _) => _heartbeat.SendMultipartMessage(_heartbeat.ReceiveMultipartMessage());
        _outgoing.ReceiveReady += (_, _) => SendQueued();
        _poller = [_shell, _control, _stdin, _heartbeat, _outgoing];
    }

    public event Action<Channel, JupyterMessage>? Received;

    /// <summary>Serves until <see cref="Stop"/>.</summary>
    public void Run() => _poller.Run();

    public void Send(Channel channel, JupyterMessage message) => _outgoing.Enqueue((channel, _codec.Encode(message)));

    /// <summary>Ends serving once everything sent before has gone out.</summary>
    public void Stop() => _outgoing.Enqueue((Channel.Iopub, null));

    public void Dispose()
    {
        _poller.Dispose();
        _outgoing.Dispose();
        foreach (var socket in (NetMQSocket[])[_shell, _control, _stdin, _iopub, _heartbeat]) socket.Dispose();
    }

    private void SendQueued()
    {
        while (_outgoing.TryDequeue(out var next, TimeSpan.Zero))
        {
            if (next.Frames is null)
            {
                _poller.Stop();
                return;
            }
            NetMQSocket socket = next.Channel switch { Channel.Shell => _shell, Channel.Control => _control, Channel.Stdin => _stdin, _ => _iopub };
            try
            {
                socket.SendMultipartMessage(next.Frames);
            }
            catch (HostUnreachableException)
            {
                // The front end that asked has gone: nobody is left to answer.
            }
        }
    }

    private void Receive(NetMQSocket socket, Channel channel)
    {
        var frames = socket.ReceiveMultipartMessage();
        if (_codec.TryDecode(frames, out var message, out var reason)) Received?.Invoke(channel, message);
        else Diagnostics.Tell($"a message on {channel.ToString().ToLowerInvariant()} was dropped: {reason}");
    }
}
