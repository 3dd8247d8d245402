namespace Media.Tests;
public class SkeletonTests { [Fact] public void X() => Assert.Equal(2, 1 + 1); }
