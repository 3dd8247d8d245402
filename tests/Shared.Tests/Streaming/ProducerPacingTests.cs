using Media.Streaming;

namespace Media.Tests.Streaming;

public class ProducerPacingTests
{
    private static readonly TimeSpan NoWait = TimeSpan.Zero;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void PartitionFull_OthersHaveRoom()
    {
        var pacing = new ProducerPacing(2, maxBytes: 3000);
        Assert.True(pacing.TryEnter(0, 1000, NoWait, Cancel));
        Assert.True(pacing.TryEnter(0, 1000, NoWait, Cancel));
        Assert.False(pacing.TryEnter(0, 1000, NoWait, Cancel));
        Assert.True(pacing.TryEnter(1, 1000, NoWait, Cancel));
    }

    [Fact]
    public void RecordRead_MakesRoomOnce()
    {
        var pacing = new ProducerPacing(1, maxBytes: 3000);
        Assert.True(pacing.TryEnter(0, 1000, NoWait, Cancel));
        Assert.True(pacing.TryEnter(0, 1000, NoWait, Cancel));
        pacing.Leave(0, 0, 1000);
        pacing.Leave(0, 0, 1000); // read again by a second consumer
        Assert.Equal(1256, pacing.InFlight(0));
        Assert.True(pacing.TryEnter(0, 1000, NoWait, Cancel));
        Assert.False(pacing.TryEnter(0, 1000, NoWait, Cancel));
    }

    [Fact]
    public void RecordLargerThanTheLimit_MayPassAlone()
    {
        var pacing = new ProducerPacing(1, maxBytes: 1000);
        Assert.True(pacing.TryEnter(0, 50_000, NoWait, Cancel));
        Assert.False(pacing.TryEnter(0, 1, NoWait, Cancel));
    }

    [Fact]
    public async Task Waiter_GoesOnWhenTheReaderReads()
    {
        var pacing = new ProducerPacing(1, maxBytes: 1000);
        Assert.True(pacing.TryEnter(0, 700, NoWait, Cancel));
        var waiter = Task.Run(() => pacing.TryEnter(0, 700, TimeSpan.FromSeconds(30), Cancel), Cancel);
        pacing.Leave(0, 0, 700);
        Assert.True(await waiter);
    }
}
