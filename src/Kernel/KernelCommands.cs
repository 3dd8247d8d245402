using System.CommandLine;
using System.Globalization;
using Media.Kernel.Notebooks;
using Media.Kernel.Protocol;

namespace Media.Kernel;

/// <summary>The command line: install, run, strip, check; kernel and worker are what Jupyter and run start.</summary>
internal static class KernelCommands
{
    private const double DefaultLimitSeconds = 600;

    /// <summary>Exit code: 0 done, 1 a notebook failed or could not be read, 2 the command line is wrong.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, TimeProvider time, CancellationToken cancel)
    {
        var parsed = Build(output, errors, time).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await errors.WriteLineAsync($"error: {error.Message}");
            await errors.WriteLineAsync("'--help' lists the verbs and their options.");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await errors.WriteLineAsync("Stopped on request.");
            return 1;
        }
        catch (Exception fault) when (fault is KernelException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"error: {fault.Message}");
            return 1;
        }
    }

    private static RootCommand Build(TextWriter output, TextWriter errors, TimeProvider time) => new("C# notebooks on .NET 10: a kernel for Jupyter and VS Code, and a runner that needs neither.")
    {
        Install(output), Run(output, errors), Strip(output, errors), Check(output, errors), Kernel(time), Worker(),
    };

    private static Command Install(TextWriter output)
    {
        var name = new Option<string>("--name") { Description = "Name of the kernel; notebooks of this repository ask for the default.", DefaultValueFactory = _ => KernelSpec.Name };
        var folder = new Option<string?>("--jupyter-data") { Description = "Jupyter's data folder. Default: JUPYTER_DATA_DIR, or the user's own." };
        var force = new Option<bool>("--force") { Description = "Replace a kernel by this name even if it is another product's." };
        var verb = new Command("install", "Lets Jupyter and VS Code find this kernel.") { name, folder, force };
        verb.SetAction(parsed =>
        {
            var data = Path.GetFullPath(parsed.GetValue(folder) ?? KernelSpec.DefaultDataFolder());
            var file = KernelSpec.Install(data, parsed.GetValue(name)!, parsed.GetValue(force));
            output.WriteLine($"Installed {file}");
            output.WriteLine($"  it starts: {DotnetHost.Path} {DotnetHost.KernelAssembly}");
            output.WriteLine($"VS Code: install the extensions Jupyter and C#, open a notebook, then Select Kernel › Jupyter Kernel… › {KernelSpec.DisplayName} (reload the window if it is not listed).");
            output.WriteLine($"Jupyter: 'jupyter kernelspec list' shows it, a new launcher of JupyterLab has it as {KernelSpec.DisplayName}.");
            if (parsed.GetValue(folder) is not null) output.WriteLine($"Both look in that folder when JUPYTER_DATA_DIR={data} is set.");
            return 0;
        });
        return verb;
    }

    private static Command Run(TextWriter output, TextWriter errors)
    {
        var notebooks = new Argument<string[]>("notebook") { Description = "Notebooks, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var to = new Option<string>("--to") { Description = "Folder for the executed copies and their pages.", DefaultValueFactory = _ => Path.Combine("artifacts", "notebooks") };
        var limit = new Option<double>("--time-limit") { Description = "Seconds for each notebook, > 0.", DefaultValueFactory = _ => DefaultLimitSeconds };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "name=value, for the cell tagged 'parameters'; as often as needed." };
        limit.Validators.Add(result => { if (result.GetValueOrDefault<double>() is not (> 0 and <= 1e6)) result.AddError("--time-limit must be between 0 and 1,000,000 seconds."); });
        parameters.Validators.Add(result => { foreach (var token in result.Tokens) if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) result.AddError($"--parameter '{token.Value}' is not name=value."); });
        var verb = new Command("run", "Runs notebooks, each in a fresh process, without Jupyter and Python; saves a copy with the outputs, and a page.") { notebooks, to, limit, parameters };
        verb.SetAction(async (parsed, cancel) =>
        {
            var files = Files(parsed.GetValue(notebooks)!);
            if (files.GroupBy(f => Path.GetFileName(f), StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
                throw new KernelException($"Two notebooks are called {twice.Key}; their copies would be one file. Run them one at a time, with other folders for --to.");
            var folder = parsed.GetValue(to)!;
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var given in parsed.GetValue(parameters) ?? []) values[given[..given.IndexOf('=', StringComparison.Ordinal)]] = given[(given.IndexOf('=', StringComparison.Ordinal) + 1)..];
            var failed = 0;
            foreach (var file in files)
                if (!await RunOneAsync(file, folder, values, TimeSpan.FromSeconds(parsed.GetValue(limit)), output, errors, cancel)) failed++;
            if (files.Count > 1) await output.WriteLineAsync($"{files.Count - failed} of {files.Count} notebooks ran to their end.");
            return failed == 0 ? 0 : 1;
        });
        return verb;
    }

    private static async Task<bool> RunOneAsync(string file, string folder, IReadOnlyDictionary<string, string> values, TimeSpan limit, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            var notebook = NotebookFile.Read(file);
            var copy = Path.Combine(folder, notebook.Name);
            if (Path.GetFullPath(copy) == Path.GetFullPath(file)) throw new KernelException($"'{file}' itself would be written over: name another folder with --to.");
            ParameterCell.Inject(notebook, values);
            var run = await RunNotebook.RunAsync(notebook, limit, cancel);
            Directory.CreateDirectory(folder);
            var page = Path.ChangeExtension(copy, ".html");
            notebook.Save(copy);
            await File.WriteAllTextAsync(page, HtmlPage.Of(notebook), cancel);
            if (run.Succeeded)
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{file}: {run.Ran} cells in {run.Took.TotalSeconds:0.0} s, {run.ResidentBytes >> 20} MiB → {copy}, {page}"));
                return true;
            }
            await errors.WriteLineAsync($"{file}: cell [{run.Cell}] {run.Why}");
            foreach (var line in run.Details) await errors.WriteLineAsync($"    {line}");
            await errors.WriteLineAsync($"    What was shown until then is in {copy} and {page}.");
            return false;
        }
        catch (Exception fault) when (fault is KernelException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"error: {fault.Message}");
            return false;
        }
    }

    private static Command Strip(TextWriter output, TextWriter errors)
    {
        var notebooks = new Argument<string[]>("notebook") { Description = "Notebooks, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var verb = new Command("strip", "Takes outputs, counts and times out of notebooks, in place: before git add.") { notebooks };
        verb.SetAction(parsed =>
        {
            var failed = 0;
            foreach (var file in Files(parsed.GetValue(notebooks)!))
            {
                try
                {
                    output.WriteLine($"{file}: {(StripNotebook.Strip(file) ? "stripped" : "nothing to strip")}");
                }
                catch (KernelException fault)
                {
                    errors.WriteLine($"error: {fault.Message}");
                    failed++;
                }
            }
            return failed == 0 ? 0 : 1;
        });
        return verb;
    }

    private static Command Check(TextWriter output, TextWriter errors)
    {
        var notebooks = new Argument<string[]>("notebook") { Description = "Notebooks, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var verb = new Command("check", "Says whether notebooks may go into git: no outputs, the right kernel, no path of one machine.") { notebooks };
        verb.SetAction(parsed =>
        {
            var (files, failed) = (Files(parsed.GetValue(notebooks)!), 0);
            foreach (var file in files)
            {
                var faults = CheckNotebook.Faults(file);
                foreach (var fault in faults) errors.WriteLine($"{file}: {fault}");
                if (faults.Count > 0) failed++;
            }
            output.WriteLine($"{files.Count - failed} of {files.Count} notebooks are fit for git.");
            return failed == 0 ? 0 : 1;
        });
        return verb;
    }

    private static Command Kernel(TimeProvider time)
    {
        var file = new Argument<string>("connection-file") { Description = "The file that Jupyter writes." };
        var verb = new Command("kernel", "Serves one notebook; started by Jupyter and VS Code.") { file };
        verb.SetAction(parsed =>
        {
            using (var kernel = new JupyterKernel(ConnectionFile.Read(parsed.GetValue(file)!), Environment.CurrentDirectory, time)) kernel.Run();
            NetMQ.NetMQConfig.Cleanup(block: true);
            // Threads that cells left running end with the session.
            Environment.Exit(0);
            return 0;
        });
        return verb;
    }

    private static Command Worker()
    {
        var cells = new Argument<string>("cells");
        var answers = new Argument<string>("answers");
        var verb = new Command("worker", "The inside of one run; started by run.") { cells, answers };
        verb.Hidden = true;
        verb.SetAction(parsed => CellWorker.Run(parsed.GetValue(cells)!, parsed.GetValue(answers)!));
        return verb;
    }

    /// <summary>The notebooks named, and those of the folders named in the order of their names.</summary>
    private static List<string> Files(IEnumerable<string> named)
    {
        var files = named.SelectMany(n => Directory.Exists(n) ? Directory.GetFiles(n, "*.ipynb").Order(StringComparer.Ordinal) : (IEnumerable<string>)[n]).ToList();
        if (files.Count == 0) throw new KernelException($"There is no notebook in {string.Join(", ", named)}.");
        return files;
    }
}
