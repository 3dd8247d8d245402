namespace Media.Spark;

/// <summary>How far an operation has got, told about every two seconds while it runs.</summary>
/// <param name="OperationId">Tells operations that run side by side apart.</param>
/// <param name="Stages">Those known so far: Spark adds more as it goes.</param>
/// <param name="RunningTasks">tasks at work now</param>
public sealed record SparkProgress(Guid OperationId, IReadOnlyList<SparkStage> Stages, long RunningTasks)
{
    public long Tasks => Stages.Sum(s => s.Tasks);
    public long CompletedTasks => Stages.Sum(s => s.CompletedTasks);
    public long BytesRead => Stages.Sum(s => s.BytesRead);
}

/// <summary>Tasks of one stage that run the same code on different partitions.</summary>
/// <param name="BytesRead">input so far, bytes</param>
public sealed record SparkStage(long StageId, long Tasks, long CompletedTasks, long BytesRead, bool Done);
