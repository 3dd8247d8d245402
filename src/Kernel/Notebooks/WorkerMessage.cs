using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Media.Kernel.Scripting;

namespace Media.Kernel.Notebooks;

/// <summary>What runner and worker say to each other, one JSON object a line.</summary>
[JsonPolymorphicAttribute(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(RunCell), "run")]
[JsonDerivedType(typeof(Written), "written")]
[JsonDerivedType(typeof(Shown), "shown")]
[JsonDerivedType(typeof(CellEnded), "ended")]
internal abstract record WorkerMessage
{
    public string ToLine() => JsonSerializer.Serialize(this);

    public static WorkerMessage FromLine(string line) => JsonSerializer.Deserialize<WorkerMessage>(line) ?? throw new JsonException("A line of null.");
}

/// <summary>To the worker: run this.</summary>
internal sealed record RunCell(int Number, string Code) : WorkerMessage;

/// <param name="Name">stdout or stderr</param>
internal sealed record Written(string Name, string Text) : WorkerMessage;

/// <param name="Id">names the place it is shown at</param>
/// <param name="Update">whether it replaces what is shown there</param>
internal sealed record Shown(JsonObject Data, string Id, bool Update) : WorkerMessage;

/// <param name="Result">the value the cell ends with</param>
/// <param name="ResidentBytes">memory of the worker's process now</param>
internal sealed record CellEnded(CellStatus Status, JsonObject? Result, CellError? Error, long ResidentBytes) : WorkerMessage;
