using System.Runtime.InteropServices;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Sessions;

namespace Media.Jobs;

/// <summary>Each reader's last session in the lake: where numbering goes on.</summary>
internal static class LastSessions
{
    /// <param name="part">Which rows; its columns are chosen here.</param>
    /// <exception cref="InvalidDataException">A row's closed_by is no word of the contract.</exception>
    public static async Task<Dictionary<UserId, PreviousSession>> ReadAsync(DeltaTable sessions, ReadOptions part, CancellationToken cancel)
    {
        var last = new Dictionary<UserId, PreviousSession>();
        await foreach (var batch in sessions.ReadAsync(part with { Columns = ["user_id", "session_end", "session_number", "closed_by"] }, cancel))
            using (batch)
            {
                var users = (StringArray)batch.Column("user_id");
                var ends = ((TimestampArray)batch.Column("session_end")).Values;
                var numbers = ((Int64Array)batch.Column("session_number")).Values;
                var closedBy = (StringArray)batch.Column("closed_by");
                for (var row = 0; row < batch.Length; row++)
                {
                    ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(last, new UserId(users.GetString(row)), out var exists);
                    if (exists && known.EndMicros >= ends[row]) continue;
                    if (!Vocabulary<ClosedBy>.TryParse(closedBy.GetString(row), out var by))
                        throw new InvalidDataException($"The sessions table holds closed_by '{closedBy.GetString(row)}', which is none of {string.Join(", ", Vocabulary<ClosedBy>.Names)}.");
                    known = new PreviousSession((int)numbers[row], ends[row], by);
                }
            }
        return last;
    }
}
