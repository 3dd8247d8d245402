using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Media.Kernel.Scripting;

/// <summary>Finds, when cells run, what libraries need: assemblies of packages, and native libraries, first as a library's .deps.json says, then in the usual folders.</summary>
/// <remarks>Every load context asks here, those that the scripting engine makes for each library too. One instance a process. Thread-safe.</remarks>
internal sealed class LibraryProbing
{
    private readonly Lock _lock = new();
    private readonly HashSet<AssemblyLoadContext> _asking = [];
    private readonly Dictionary<string, AssemblyDependencyResolver?> _libraries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _packageAssemblies = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _packageNatives = new(StringComparer.Ordinal);

    public LibraryProbing()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) =>
        {
            if (AssemblyLoadContext.GetLoadContext(loaded.LoadedAssembly) is { } context) Answer(context);
        };
        foreach (var context in AssemblyLoadContext.All) Answer(context);
    }

    /// <summary>A library that a cell names; one with a .deps.json brings its dependencies along.</summary>
    public void AddLibrary(string path)
    {
        lock (_lock)
        {
            if (_libraries.ContainsKey(path)) return;
            _libraries[path] = File.Exists(Path.ChangeExtension(path, ".deps.json")) ? new AssemblyDependencyResolver(path) : null;
        }
    }

    public void AddPackage(IEnumerable<string> assemblies, IEnumerable<string> natives)
    {
        lock (_lock)
        {
            foreach (var assembly in assemblies) _packageAssemblies[Path.GetFileNameWithoutExtension(assembly)] = assembly;
            _packageNatives.UnionWith(natives);
        }
    }

    private void Answer(AssemblyLoadContext context)
    {
        lock (_lock)
        {
            if (!_asking.Add(context)) return;
        }
        context.Resolving += FindAssembly;
        context.ResolvingUnmanagedDll += FindNative;
        if (context.IsCollectible) context.Unloading += gone => { lock (_lock) _asking.Remove(gone); };
    }

    private Assembly? FindAssembly(AssemblyLoadContext context, AssemblyName name)
    {
        string? path;
        lock (_lock)
        {
            path = name.Name is not { } simple ? null : _packageAssemblies.GetValueOrDefault(simple)
                ?? _libraries.Values.Select(l => l?.ResolveAssemblyToPath(name)).FirstOrDefault(p => p is not null);
        }
        return path is null ? null : context.LoadFromAssemblyPath(path);
    }

    private nint FindNative(Assembly assembly, string name)
    {
        List<string> candidates;
        lock (_lock)
        {
            candidates = [.. _libraries.Values.Select(l => l?.ResolveUnmanagedDllToPath(name)).OfType<string>()];
            string[] names = [name, $"lib{name}.so", $"{name}.so", $"lib{name}.dylib", $"{name}.dll"];
            candidates.AddRange(_packageNatives.Where(file => names.Contains(Path.GetFileName(file), StringComparer.Ordinal)));
            foreach (var folder in _libraries.Keys.Select(Path.GetDirectoryName).Append(Path.GetDirectoryName(assembly.Location)).Where(f => f is { Length: > 0 }).Distinct())
                candidates.AddRange(names.SelectMany(n => (string[])[Path.Combine(folder!, n), Path.Combine(folder!, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", n)]).Where(File.Exists));
        }
        foreach (var candidate in candidates)
            if (NativeLibrary.TryLoad(candidate, out var library)) return library;
        return 0;
    }
}
