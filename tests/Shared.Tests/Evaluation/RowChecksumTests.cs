using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class RowChecksumTests
{
    /// <summary>As <c>printf 'a,1\nb,0\n' | sha256sum | cut -c1-16</c> prints it.</summary>
    [Fact]
    public void Lines_AreHashedWithTheirLineEnds() => Assert.Equal("36d226b038fafb1f", RowChecksum.Of(["a,1", "b,0"]));
}
