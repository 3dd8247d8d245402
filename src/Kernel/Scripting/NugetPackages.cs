using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;
using System.Text.Json.Nodes;

namespace Media.Kernel.Scripting;

/// <summary>A package could not be had.</summary>
internal sealed class PackageException(string message) : Exception(message);

/// <summary>Packages of <c>#r "nuget: …"</c>, restored by the SDK into its usual folder, all of a session's together so that their versions agree.</summary>
/// <remarks>Takes the package sources that NuGet.config names. Needs the .NET SDK. Not thread-safe.</remarks>
internal sealed class NugetPackages(LibraryProbing probing)
{
    private readonly Dictionary<string, string?> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <returns>Assemblies that are new, and what was installed, as "Name version".</returns>
    /// <exception cref="PackageException">The restore failed; its message is the restore's own.</exception>
    public async Task<(IReadOnlyList<string> Assemblies, IReadOnlyList<string> Installed)> RestoreAsync(IReadOnlyList<PackageReference> packages, CancellationToken cancel)
    {
        var asked = new Dictionary<string, string?>(_asked, StringComparer.OrdinalIgnoreCase);
        foreach (var package in packages) asked[package.Id] = package.Version;
        var folder = Directory.CreateTempSubdirectory("media-kernel-packages-");
        try
        {
            await RunRestoreAsync(folder.FullName, asked, cancel);
            var assets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "obj", "project.assets.json"), cancel))!;
            foreach (var (id, version) in asked) _asked[id] = version;
            return Take(assets, packages);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunRestoreAsync(string folder, Dictionary<string, string?> packages, CancellationToken cancel)
    {
        var references = packages.Select(p => $"<PackageReference Include=\"{SecurityElement.Escape(p.Key)}\" Version=\"{SecurityElement.Escape(p.Value ?? "*")}\" />");
        await File.WriteAllTextAsync(Path.Combine(folder, "packages.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
                <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>{string.Concat(references)}</ItemGroup>
            </Project>
            """, cancel);
        var start = new ProcessStartInfo(DotnetHost.Path, ["restore", "packages.csproj", "--verbosity", "quiet", "--nologo"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // The kernel may itself have been started by the SDK, whose settings are not for this restore.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var restore = Process.Start(start)!;
        try
        {
            var (output, errors) = (restore.StandardOutput.ReadToEndAsync(cancel), restore.StandardError.ReadToEndAsync(cancel));
            await restore.WaitForExitAsync(cancel);
            if (restore.ExitCode == 0) return;
            var said = $"{await output}\n{await errors}".Split('\n').Where(l => l.Contains("error", StringComparison.Ordinal)).Select(l => l[(l.IndexOf("error", StringComparison.Ordinal))..].Trim()).Distinct();
            throw new PackageException($"The packages could not be restored: {string.Join(" ", said).Replace($" [{Path.Combine(folder, "packages.csproj")}]", "", StringComparison.Ordinal)}");
        }
        finally
        {
            if (!restore.HasExited) restore.Kill(entireProcessTree: true);
        }
    }

    private (IReadOnlyList<string> Assemblies, IReadOnlyList<string> Installed) Take(JsonNode assets, IReadOnlyList<PackageReference> packages)
    {
        var folders = assets["packageFolders"]!.AsObject().Select(f => f.Key).ToList();
        var target = assets["targets"]!.AsObject().First(t => t.Key.Contains('/', StringComparison.Ordinal)).Value!.AsObject();
        var (assemblies, natives, installed) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (name, library) in target)
        {
            if ((string?)library!["type"] != "package") continue;
            var inFolder = (string)assets["libraries"]![name]!["path"]!;
            assemblies.AddRange(Files(library["runtime"]).Where(f => f.EndsWith(".dll", StringComparison.Ordinal) && _known.Add(f)));
            natives.AddRange(Files(library["native"]));
            if (packages.Any(p => name.StartsWith(p.Id + "/", StringComparison.OrdinalIgnoreCase))) installed.Add(name.Replace('/', ' '));

            IEnumerable<string> Files(JsonNode? of) => (of?.AsObject() ?? []).Where(f => !f.Key.EndsWith("_._", StringComparison.Ordinal)).Select(f => folders.Select(root => Path.Combine(root, inFolder, f.Key)).First(File.Exists));
        }
        probing.AddPackage(assemblies, natives);
        return (assemblies, installed);
    }
}
