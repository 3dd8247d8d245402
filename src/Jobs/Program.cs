using System.Runtime.InteropServices;
using Media.Jobs;

// One executable, one verb per job; no verb at all runs the journey, which is all of them one after another.
using var stop = new CancellationTokenSource();

// Ctrl-C and SIGTERM ask the job to finish its batch, commit, and end well; a second one ends it at once.
void Stop(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

return await JobCommands.RunAsync(args, JobConsole.Standard(), Console.Error, TimeProvider.System, stop.Token);
