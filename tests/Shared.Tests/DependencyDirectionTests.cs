using System.Text.RegularExpressions;

namespace Media.Tests;

/// <summary>The folders of src/Shared are the data's way: a folder may use those before it, and pure folders never use an edge.</summary>
public partial class DependencyDirectionTests
{
    /// <summary>What each folder may use. A folder missing here fails the test: a new room states its place.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Events"] = [],
        ["Sessions"] = ["Events"],
        ["Features"] = ["Events", "Sessions"],
        ["Recommendation"] = [],
        ["Models"] = ["Events", "Sessions", "Features", "Recommendation"],
        ["Evaluation"] = ["Events", "Sessions", "Features", "Recommendation", "Models", "Bandit"],
        ["Actions"] = ["Events", "Sessions", "Features", "Models", "Evaluation"],
        ["Tuning"] = ["Events", "Sessions", "Features", "Models", "Evaluation"],
        ["Bandit"] = ["Events"],
        ["Charts"] = [],
        ["Streaming"] = ["Events"],
        ["Lake"] = ["Events", "Sessions", "Features", "Actions", "Bandit", "Streaming"],
        ["Warehouse"] = ["Events", "Sessions", "Features", "Streaming", "Lake"],
        ["Spark"] = [],
        ["Registry"] = ["Events", "Sessions", "Features", "Models", "Evaluation", "Bandit", "Lake"],
    };

    private static readonly string[] Edges = ["Streaming", "Lake", "Warehouse", "Spark", "Registry"];

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(SharedFolder()).Select(d => Path.GetFileName(d)).Where(d => d is not ("bin" or "obj")).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Folders))]
    public void Folder_UsesOnlyWhatComesBeforeIt(string folder)
    {
        Assert.True(MayUse.ContainsKey(folder), $"src/Shared/{folder} has no place in the data's way yet: add it to this test and to the README.");
        var wrong = Directory.GetFiles(Path.Combine(SharedFolder(), folder), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => UsedFolders(file).Where(used => used != folder && !MayUse[folder].Contains(used)).Select(used => $"{Path.GetFileName(file)} uses Media.{used}"))
            .ToList();
        Assert.Empty(wrong);
    }

    [Fact]
    public void PureFolders_NeverUseAnEdge()
    {
        foreach (var (folder, uses) in MayUse)
            if (!Edges.Contains(folder)) Assert.DoesNotContain(uses, use => Edges.Contains(use));
    }

    [Theory]
    [InlineData("Jobs", "Media.Serving")]
    [InlineData("Serving", "Media.Jobs")]
    public void JobsAndServing_DoNotKnowEachOther(string project, string other)
    {
        var folder = Path.Combine(SharedFolder(), "..", project);
        Assert.All(Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)),
            file => Assert.DoesNotContain(other, File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static IEnumerable<string> UsedFolders(string file) =>
        File.ReadLines(file).Select(line => Using().Match(line)).Where(m => m.Success).Select(m => m.Groups[1].Value).Distinct();

    private static string SharedFolder() => Path.Combine(RepositoryFolder.Path, "src", "Shared");

    [GeneratedRegex(@"^(?:global )?using (?:static )?Media\.(\w+)")]
    private static partial Regex Using();
}
