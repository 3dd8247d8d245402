using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Media.Kernel.Display;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting;

namespace Media.Kernel.Scripting;

/// <summary>The assemblies that cells are compiled against, each with its documentation, read once and shared by everything that compiles.</summary>
/// <remarks>Paths in <c>#r</c> are relative to the notebook's folder. Thread-safe.</remarks>
internal sealed class References : MetadataReferenceResolver
{
    private static readonly ConcurrentDictionary<(string Path, MetadataReferenceProperties Properties), PortableExecutableReference> Read = new();
    private static readonly ConcurrentDictionary<string, AssemblyMetadata> Metadata = new(StringComparer.Ordinal);

    private static readonly string Runtime = RuntimeEnvironment.GetRuntimeDirectory();
    private static readonly string? FrameworkDocumentation = FindFrameworkDocumentation();
    private static readonly string[] PublicNames =
    [
        "System.Runtime", "System.Collections", "System.Threading", "System.Memory", "System.Linq", "System.Runtime.InteropServices", "System.Runtime.Loader", "System.Diagnostics.StackTrace", "System.Xml.ReaderWriter", "System.Xml.XDocument", "System.Xml.XmlSerializer",
    ];

    private readonly ScriptMetadataResolver _paths;
    private readonly LibraryProbing _probing;

    public References(string baseFolder, LibraryProbing probing)
    {
        _paths = ScriptMetadataResolver.Default.WithBaseDirectory(baseFolder).WithSearchPaths(baseFolder);
        _probing = probing;
    }

    public override bool ResolveMissingAssemblies => true;

    /// <summary>.NET itself and what a notebook may call of this kernel.</summary>
    public static ImmutableArray<MetadataReference> Framework { get; } =
        [.. FrameworkFiles().Append(typeof(Notebook).Assembly.Location).Distinct(StringComparer.Ordinal).Select(path => (MetadataReference)Of(path))];

    public static PortableExecutableReference Of(string path) => Of(path, MetadataReferenceProperties.Assembly);

    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath, MetadataReferenceProperties properties)
    {
        var found = _paths.ResolveReference(reference, baseFilePath, properties);
        foreach (var file in found)
            if (file.FilePath is { } path) _probing.AddLibrary(path);
        return [.. found.Select(file => file.FilePath is { } path ? Of(path, file.Properties) : file)];
    }

    /// <summary>An assembly that a library of <c>#r</c> uses: looked for in .NET, then beside that library.</summary>
    public override PortableExecutableReference? ResolveMissingAssembly(MetadataReference definition, AssemblyIdentity referenceIdentity) =>
        _paths.ResolveMissingAssembly(definition, referenceIdentity) is { FilePath: { } path } file ? Of(path, file.Properties) : null;

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    private static PortableExecutableReference Of(string path, MetadataReferenceProperties properties) => Read.GetOrAdd((path, properties), static key =>
        Metadata.GetOrAdd(key.Path, static file => AssemblyMetadata.CreateFromFile(file))
            .GetReference(Documentation(key.Path), key.Properties.Aliases, key.Properties.EmbedInteropTypes, key.Path).WithProperties(key.Properties));

    /// <summary>The XML file beside the assembly; for .NET's own assemblies those of the SDK, where there is one.</summary>
    private static XmlDocumentation? Documentation(string path)
    {
        var beside = Path.ChangeExtension(path, ".xml");
        if (File.Exists(beside)) return new XmlDocumentation([beside]);
        if (FrameworkDocumentation is not { } folder || !path.StartsWith(Runtime, StringComparison.Ordinal)) return null;
        var name = Path.GetFileNameWithoutExtension(path);
        // What the runtime keeps in its private assemblies is documented under the names that programs refer to.
        string[] names = name.StartsWith("System.Private.", StringComparison.Ordinal) ? PublicNames : [name];
        string[] files = [.. names.Select(n => Path.Combine(folder, n + ".xml")).Where(File.Exists)];
        return files.Length == 0 ? null : new XmlDocumentation(files);
    }

    /// <summary>The folder of the SDK's reference assemblies that is nearest to the runtime; null where there is no SDK.</summary>
    private static string? FindFrameworkDocumentation()
    {
        var version = Environment.Version;
        var packs = new DirectoryInfo(Path.Combine(Runtime, "../../../packs/Microsoft.NETCore.App.Ref"));
        return !packs.Exists ? null : packs.GetDirectories($"{version.Major}.{version.Minor}.*")
            .Select(d => (Folder: Path.Combine(d.FullName, "ref", $"net{version.Major}.{version.Minor}"), Version: Version.TryParse(d.Name, out var v) ? v : null))
            .Where(d => d.Version is not null && Directory.Exists(d.Folder)).MaxBy(d => d.Version).Folder;
    }

    private static IEnumerable<string> FrameworkFiles() =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator).Where(p => p.StartsWith(Runtime, StringComparison.Ordinal));
}
