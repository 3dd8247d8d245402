using Media.Spark;

namespace Media.Tests.Spark;

[Collection(TestSpark.OneAtATime)]
public class SparkConnectionTests
{
    [Theory]
    [InlineData("sc://spark.example", "sc://spark.example:15002")]
    [InlineData("sc://spark.example/", "sc://spark.example:15002")]
    [InlineData("sc://127.0.0.1:4711", "sc://127.0.0.1:4711")]
    [InlineData("sc://[::1]:4711/;token=s3cret", "sc://[::1]:4711")]
    [InlineData("sc://localhost/;token=s3cret", "sc://localhost:15002")]
    [InlineData("sc://spark.example:443/;use_ssl=true;token=s3cret%3B;user_id=ann", "sc://spark.example:443/;use_ssl=true")]
    [InlineData("sc://spark.example/;use_ssl=False;", "sc://spark.example:15002")]
    public void GoodText_IsReadAndShownWithoutToken(string text, string shown) => Assert.Equal(shown, SparkConnection.Parse(text).ToString());

    [Fact]
    public void Parameters_AreDecoded()
    {
        var connection = SparkConnection.Parse("sc://spark.example:443/;use_ssl=true;token=s3cret%3B%3D;user_id=ann%20b");
        Assert.Equal(("spark.example", 443, true, "s3cret;=", "ann b"), (connection.Host, connection.Port, connection.UseTls, connection.Token, connection.UserId));
        Assert.Equal("https://spark.example/", connection.Address.ToString());
        Assert.Equal(Environment.UserName, SparkConnection.Parse("sc://localhost").UserId);
    }

    [Theory]
    [InlineData("", "sc://host")]
    [InlineData("localhost:15002", "sc://host")]
    [InlineData("https://spark.example:15002/;token=s3cret", "sc://host")]
    [InlineData("sc:///;token=s3cret", "host")]
    [InlineData("sc://spark.example;token=s3cret", "host")]
    [InlineData("sc://spark.example:99999/;token=s3cret", "sc://host")]
    [InlineData("sc://ann:s3cret@spark.example", "user_id")]
    [InlineData("sc://spark.example/?token=s3cret", "/;")]
    [InlineData("sc://spark.example/#s3cret", "/;")]
    [InlineData("sc://spark.example/s3cret", "/;")]
    [InlineData("sc://spark.example/;s3cret", "no name or no value")]
    [InlineData("sc://spark.example/;=s3cret", "no name or no value")]
    [InlineData("sc://spark.example/;use_ssl=true;token=", "token is empty")]
    [InlineData("sc://spark.example/;use_ssl=true;token=s3cret;token=s3cret", "token is there twice")]
    [InlineData("sc://spark.example/;use_ssl=true;token=s3cret%0A", "header")]
    [InlineData("sc://spark.example/;use_ssl=yes;token=s3cret", "use_ssl is neither")]
    [InlineData("sc://spark.example/;tokn=s3cret", "tokn is unknown")]
    [InlineData("sc://spark.example/;token=s3cret", "without encryption")]
    [InlineData("sc://10.0.0.1/;token=s3cret;use_ssl=false", "without encryption")]
    public void WrongText_IsRefusedWithoutShowingTheToken(string text, string why)
    {
        var fault = Assert.Throws<ArgumentException>(() => SparkConnection.Parse(text));
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValuesOutOfRange_AreAllNamed()
    {
        var connection = SparkConnection.Parse("sc://localhost") with { Retries = -1, ConnectTimeout = TimeSpan.Zero };
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => SparkSession.ConnectAsync(connection, null, TestContext.Current.CancellationToken));
        Assert.Contains("Retries", fault.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectTimeout", fault.Message, StringComparison.Ordinal);
    }
}
