using System.Text;
using Media.Jobs;

namespace Media.Tests.Jobs;

public class JsonLinesTests
{
    [Theory]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("\n\na\n\n", "a")]
    [InlineData("", "")]
    public void Lines_ComeWithoutTheirEnds_AndEmptyOnesNotAtAll(string text, string lines) =>
        Assert.Equal(lines, string.Join('|', Read(Encoding.UTF8.GetBytes(text)).Select(Encoding.UTF8.GetString)));

    [Fact]
    public void BytesThatAreNoText_StayAsTheyAre() => Assert.Equal([0xFF, 0x00, 0xC3], Read([0xFF, 0x00, 0xC3, (byte)'\n']).Single());

    [Fact]
    public void LinesAcrossBufferEnds_AreWhole()
    {
        var random = new Random(1);
        var lines = Enumerable.Range(0, 2_000).Select(_ => new string('x', random.Next(1, 400))).ToList();

        Assert.Equal(lines, Read(Encoding.UTF8.GetBytes(string.Join('\n', lines))).Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void LineTooLongForTheLog_IsNamedByItsNumber()
    {
        var bytes = Encoding.UTF8.GetBytes("short\n" + new string('x', JsonLines.MaxBytes + 1) + "\n");

        Assert.Contains("Line 2 of 'test'", Assert.Throws<InvalidDataException>(() => Read(bytes).Count).Message, StringComparison.Ordinal);
    }

    private static List<byte[]> Read(byte[] bytes) => [.. JsonLines.Read(new MemoryStream(bytes), "test")];
}
