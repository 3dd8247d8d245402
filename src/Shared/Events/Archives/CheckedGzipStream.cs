using System.Buffers.Binary;
using System.IO.Compression;

namespace Media.Events.Archives;

/// <summary>The text of a gzip file of one member, and an exception at its end if the file was cut off.</summary>
/// <remarks>
/// The framework's GZipStream takes the end of its input for the end of the text, so half a file reads as a shorter one. The last four bytes of a whole
/// file tell the text's length (modulo 2³²): they are compared here. Forward only; not thread-safe.
/// </remarks>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1">RFC 1952, ISIZE</seealso>
public sealed class CheckedGzipStream : Stream
{
    private readonly string _name;
    private readonly TailStream _compressed;
    private readonly GZipStream _text;
    private uint _length;

    public CheckedGzipStream(Stream compressed, string name)
    {
        _name = name;
        _compressed = new TailStream(compressed);
        _text = new GZipStream(_compressed, CompressionMode.Decompress);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">It is no gzip file, or damaged, or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _text.Read(buffer);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{_name} is not a gzip file, or it is damaged.", fault);
        }
        _length += (uint)read;
        if (read == 0 && buffer.Length > 0 && !_compressed.EndsWith(_length)) throw new InvalidDataException($"{_name} is cut off: its text ends after {_length} bytes, before the gzip file's end.");
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _text.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Passes bytes on and remembers the last four.</summary>
    private sealed class TailStream(Stream inner) : Stream
    {
        private readonly byte[] _tail = new byte[4];
        private int _known;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public bool EndsWith(uint length) => _known == 4 && BinaryPrimitives.ReadUInt32LittleEndian(_tail) == length;

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            var fresh = buffer[Math.Max(0, read - 4)..read];
            _tail.AsSpan(fresh.Length).CopyTo(_tail);
            fresh.CopyTo(_tail.AsSpan(4 - fresh.Length));
            _known = Math.Min(4, _known + read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
