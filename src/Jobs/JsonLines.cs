namespace Media.Jobs;

/// <summary>Lines of a byte stream, as bytes: what is not UTF-8 must reach the log as it is, to be kept there as a bad event.</summary>
internal static class JsonLines
{
    /// <summary>Longest line taken: what a Kafka record may hold by default, less its envelope.</summary>
    public const int MaxBytes = 900_000;

    /// <summary>Lines without their end; empty ones are passed over.</summary>
    /// <exception cref="InvalidDataException">A line is longer than <see cref="MaxBytes"/>.</exception>
    public static IEnumerable<byte[]> Read(Stream stream, string name)
    {
        var buffer = new byte[128 * 1024];
        var line = new List<byte>(4096);
        var number = 1L;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            var from = 0;
            while (buffer.AsSpan(from, read - from).IndexOf((byte)'\n') is var end && end >= 0)
            {
                line.AddRange(buffer.AsSpan(from, end));
                from += end + 1;
                if (Take(line, name, number++) is { } whole) yield return whole;
            }
            line.AddRange(buffer.AsSpan(from, read - from));
            if (line.Count > MaxBytes) Take(line, name, number);
        }
        if (Take(line, name, number) is { } last) yield return last;
    }

    private static byte[]? Take(List<byte> line, string name, long number)
    {
        if (line.Count > MaxBytes) throw new InvalidDataException($"Line {number} of '{name}' is longer than the {MaxBytes:N0} bytes a record may have.");
        if (line.Count > 0 && line[^1] == '\r') line.RemoveAt(line.Count - 1);
        if (line.Count == 0) return null;
        var whole = line.ToArray();
        line.Clear();
        return whole;
    }
}
