namespace Media.Jobs;

/// <summary>Lines of a byte stream, as bytes: what is not UTF-8 must reach the log as it is, to be kept there as a bad event.</summary>
internal static class JsonLines
{
    /// <summary>Longest line taken: what a Kafka record may hold by default, less its envelope.</summary>
    public const int MaxBytes = 900_000;

    /// <summary>Lines without their end; empty ones are passed over.</summary>
    /// <param name="tooLong">Told the number and length of each line longer than <see cref="MaxBytes"/>, which is passed over; null when there may be none.</param>
    /// <exception cref="InvalidDataException">A line is too long, and nobody is told.</exception>
    public static IEnumerable<byte[]> Read(Stream stream, string name, Action<long, long>? tooLong = null)
    {
        var buffer = new byte[128 * 1024];
        var line = new Line(name, tooLong);
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            var from = 0;
            while (buffer.AsSpan(from, read - from).IndexOf((byte)'\n') is var end && end >= 0)
            {
                line.Add(buffer.AsSpan(from, end));
                from += end + 1;
                if (line.Take() is { } whole) yield return whole;
            }
            line.Add(buffer.AsSpan(from, read - from));
        }
        if (line.Take() is { } last) yield return last;
    }

    /// <summary>The line being read; of one that is too long only the length.</summary>
    private sealed class Line(string name, Action<long, long>? tooLong)
    {
        private readonly List<byte> _bytes = new(4096);
        private long _number = 1, _length;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            _length += bytes.Length;
            if (_length <= MaxBytes)
            {
                _bytes.AddRange(bytes);
                return;
            }
            if (tooLong is null) throw new InvalidDataException($"Line {_number} of '{name}' is longer than the {MaxBytes:N0} bytes a record may have.");
            _bytes.Clear();
        }

        /// <returns>Null when it is empty or was too long.</returns>
        public byte[]? Take()
        {
            if (_length > MaxBytes) tooLong?.Invoke(_number, _length);
            if (_bytes.Count > 0 && _bytes[^1] == '\r') _bytes.RemoveAt(_bytes.Count - 1);
            var whole = _bytes.Count == 0 ? null : _bytes.ToArray();
            _bytes.Clear();
            _length = 0;
            _number++;
            return whole;
        }
    }
}
