using System.Runtime.InteropServices;
using Media.Kernel;

// Ctrl-C and SIGTERM end a headless run with its notebook's process; a kernel takes SIGINT for an interrupt of its cell, and is itself shut down by a message.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
var runs = args.FirstOrDefault() is not ("kernel" or "worker");
using var interrupt = runs ? PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop) : null;
using var terminate = runs ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop) : null;

return await KernelCommands.RunAsync(args, Console.Out, Console.Error, TimeProvider.System, stop.Token);
