using System.Collections.Immutable;
using System.Text;
using Media.Kernel.Display;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Media.Kernel.Scripting;

/// <summary>The cells of one notebook, run one after another, each seeing what those before it declared.</summary>
/// <remarks>
/// A cell that does not compile leaves nothing behind; one that throws leaves what it had declared; of one that is interrupted nothing stays but what it changed in older variables.
/// <see cref="Run"/> is for one thread at a time; <see cref="Interrupt"/> may be called from any.
/// </remarks>
internal sealed class CellSession
{
    /// <summary>Namespaces that every cell sees.</summary>
    public static readonly ImmutableArray<string> Imports =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Text", "System.Threading", "System.Threading.Tasks", "Media.Kernel.Display", "Media.Kernel.Display.Notebook",
    ];

    /// <summary>Run before the first cell: by then .NET's assemblies are read and the compiler is warm.</summary>
    private const string Prelude = "await Task.FromResult(Enumerable.Range(0, 2).Select(i => $\"{i}\").Count())";

    private static readonly LibraryProbing Probing = new();

    static CellSession() => FailedThreads.Survive();

    private readonly string _folder;
    private readonly NugetPackages _packages = new(Probing);
    private readonly Completion _completion;
    private readonly Task _started;
    private ScriptOptions _options;
    private Script<object>? _last;
    private ScriptState<object>? _state;
    private volatile Interruption? _running;

    /// <param name="folder">the notebook's: relative paths of #r and #load begin there</param>
    public CellSession(string folder)
    {
        _folder = folder;
        var references = new References(folder, Probing);
        _completion = new Completion(references);
        _options = ScriptOptions.Default
            .WithImports(Imports)
            .WithMetadataResolver(references)
            .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(folder).WithSearchPaths(folder))
            .WithLanguageVersion(LanguageVersion.Preview)
            .WithOptimizationLevel(OptimizationLevel.Release)
            .WithEmitDebugInformation(true)
            .WithFileEncoding(Encoding.UTF8)
            .WithAllowUnsafe(true);
        _started = Task.Run(Start);
    }

    /// <summary>How long an interrupted cell may take to end before it is left to itself. Default 2 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Stops the cell that is running; without one nothing happens.</summary>
    public void Interrupt() => _running?.Interrupt();

    /// <param name="number">the cell's, by which errors name it</param>
    public CellResult Run(string cell, int number, ICellOutputs outputs)
    {
        _started.GetAwaiter().GetResult();
        var interruption = new Interruption();
        (_running, Notebook.Outputs, Notebook.Cancel) = (interruption, outputs, interruption.Asked);
        try
        {
            return RunText(CellText.Of(cell), number, outputs, interruption);
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            return CellResult.Interrupted("The cell was interrupted before it ran.");
        }
        finally
        {
            _running = null;
            LiveConsole.FlushBoth();
        }
    }

    /// <inheritdoc cref="Scripting.Completion.CompleteAsync"/>
    public async Task<Completions> CompleteAsync(string code, int position, CancellationToken cancel)
    {
        await _started;
        return await _completion.CompleteAsync(code, position, cancel);
    }

    /// <inheritdoc cref="Scripting.Completion.InspectAsync"/>
    public async Task<string?> InspectAsync(string code, int position, CancellationToken cancel)
    {
        await _started;
        return await _completion.InspectAsync(code, position, cancel);
    }

    private void Start()
    {
        _options = _options.WithReferences(References.Framework);
        var script = CSharpScript.Create<object>(Prelude, _options);
        _state = script.RunAsync().GetAwaiter().GetResult();
        Took(script, Prelude);
    }

    private CellResult RunText(CellText text, int number, ICellOutputs outputs, Interruption interruption)
    {
        foreach (var note in text.Notes) outputs.Write(ICellOutputs.StandardError, note + "\n");
        if (text.Packages.Count > 0)
        {
            try
            {
                var (assemblies, installed) = _packages.RestoreAsync(text.Packages, interruption.Asked).GetAwaiter().GetResult();
                _options = _options.AddReferences(assemblies.Select(References.Of));
                outputs.Write(ICellOutputs.StandardOutput, $"Installed {string.Join(", ", installed)}\n");
            }
            catch (PackageException missing)
            {
                return CellResult.Failed(new CellError("PackageError", missing.Message, [missing.Message], null));
            }
        }
        var script = _last!.ContinueWith<object>(text.Code, _options.WithFilePath(CellErrors.FileName(number)));
        // Only a script that compiled and ran is continued: what is wrong here is forgotten with it.
        var diagnostics = script.Compile(interruption.Asked);
        if (diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error)) return CellResult.Failed(CellErrors.OfCompilation(diagnostics, text.Code, number, _folder));
        return Execute(script, text, number, outputs, interruption);
    }

    private CellResult Execute(Script<object> script, CellText text, int number, ICellOutputs outputs, Interruption interruption)
    {
        var showsValue = CellSyntax.EndsWithExpression(script.GetCompilation().SyntaxTrees.Last());
        ScriptState<object>? ran = null;
        var threads = new CellThreads();
        // On the cell's threads from beginning to end: an interrupt also stops a value that never ends being shown.
        var run = Task.Factory.StartNew(async () =>
        {
            ran = await script.RunFromAsync(_state!, fault => fault is not (ThreadAbortException or ThreadInterruptedException), interruption.Stopped);
            LiveConsole.FlushBoth();
            return showsValue && ran is { Exception: null, ReturnValue: { } value } ? Notebook.Forms(outputs, value, null) : null;
        }, CancellationToken.None, TaskCreationOptions.DenyChildAttach, threads).Unwrap();
        var ended = run.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var interrupted = WaitHandle.WaitAny([((IAsyncResult)ended).AsyncWaitHandle, interruption.Stopped.WaitHandle]) == 1;
        var stopped = interrupted && threads.Stop(Grace);
        threads.Close();

        if (ran is not null)
        {
            _state = ran;
            Took(script, text.Code);
        }
        if (interruption.Asked.IsCancellationRequested && !run.IsCompletedSuccessfully)
            return CellResult.Interrupted(stopped || run.IsCompleted
                ? "The cell was interrupted."
                : "The cell was interrupted, but something of it is in native code or on the thread pool and goes on; to stop it, restart the kernel.");
        if (ran?.Exception is { } thrown)
            return interruption.Asked.IsCancellationRequested && thrown is OperationCanceledException ? CellResult.Interrupted("The cell ended because it was interrupted.") : CellResult.Failed(CellErrors.OfException(thrown, text.Code, number));
        return run.IsCompletedSuccessfully ? CellResult.Ok(run.Result) : CellResult.Failed(CellErrors.OfException(run.Exception!.InnerException!, text.Code, number));
    }

    private void Took(Script<object> script, string code)
    {
        _last = script;
        _completion.Add(code, _options.MetadataReferences);
        // A submission inherits every reference of those before it; repeated, they would cost memory that grows with the square of the cells.
        _options = _options.WithReferences(Array.Empty<MetadataReference>());
    }
}
