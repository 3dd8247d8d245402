namespace Media.Warehouse.Embedded;

/// <summary>A result handed out as the engine produces it. The first piece is there when the constructor returns, so that a mistake in the query is found before the answer begins.</summary>
/// <remarks>Not thread-safe. Disposing before the end stops the engine's work.</remarks>
internal sealed class ChdbAnswer : Stream
{
    private readonly Lease _lease;
    private readonly bool _named;
    private nint _stream, _piece;
    private int _position, _length, _header;
    private bool _ended;

    public ChdbAnswer(Lease lease, ChdbRequest asked)
    {
        (_lease, _named) = (lease, asked.Format == "RowBinaryWithNamesAndTypes");
        _stream = lease.Connection.Begin(asked.Sql, asked.Format, asked.Parameters);
        try { Next(); }
        catch
        {
            End(sound: false);
            throw;
        }
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override unsafe int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (!_ended && _position == _length)
        {
            try { Next(); }
            catch (ChdbException e)
            {
                End(sound: false);
                throw new IOException(e.Message, e);
            }
        }
        if (_ended)
        {
            End(sound: true);
            return 0;
        }
        var count = Math.Min(buffer.Length, _length - _position);
        new ReadOnlySpan<byte>(Chdb.Buffer(_piece) + _position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _ended || _position < _length ? new(Read(buffer.Span)) : new(Task.Run(() => Read(buffer.Span), cancellationToken));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        End(sound: true);
        base.Dispose(disposing);
    }

    private void Next()
    {
        Drop();
        _piece = _lease.Connection.Next(_stream);
        _length = checked((int)Chdb.Length(_piece));
        _ended = _length == 0;
        // Each piece is a whole document: all but the first repeat the header of names and types.
        if (_named && !_ended && _header == 0) _header = HeaderLength();
        else _position = Math.Min(_header, _length);
    }

    private unsafe int HeaderLength()
    {
        var bytes = new ReadOnlySpan<byte>(Chdb.Buffer(_piece), _length);
        var position = 0;
        for (var texts = 2 * Number(bytes, ref position); texts > 0; texts--)
        {
            var length = Number(bytes, ref position);
            position += length;
        }
        return position;

        static int Number(ReadOnlySpan<byte> bytes, ref int position)
        {
            var value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes[position++];
                value |= (next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
    }

    private void Drop()
    {
        if (_piece != 0) Chdb.DestroyResult(_piece);
        (_piece, _position, _length) = (0, 0, 0);
    }

    private void End(bool sound)
    {
        if (_stream == 0) return;
        Drop();
        _lease.Connection.End(_stream, whole: _ended);
        _stream = 0;
        _ended = true;
        _lease.Return(sound);
    }
}
