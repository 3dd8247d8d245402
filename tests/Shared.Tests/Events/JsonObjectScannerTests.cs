using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsCheck;
using Media.Events;

namespace Media.Tests.Events;

public class JsonObjectScannerTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\"a\":", "\"brand\":", "\"brand\" :", "{\"a\":1}", "\\", "\\u00e9", "\\ud83d\\ude00", "\\u12G4", "\\n", "\\x", " ", "\n", "\t", "\u0001",
        "0", "-0", "01", "1.", "1.5", ".5", "-", "1e", "1e5", "1E+5", "1e-", "tru", "true", "false", "null", "nul", "NaN", "é", "/", "//", "[[", "]]", "[1,{\"b\":[]}]", "{}", "[]", "\"\"",
    ];

    /// <summary>500,000 texts put together from JSON's pieces: the framework's reader is the judge.</summary>
    [Fact]
    public void AnyText_IsAcceptedExactlyWhenTheFrameworkAcceptsIt()
    {
        var random = new Random(8);
        var accepted = 0;
        for (var i = 0; i < 500_000; i++)
        {
            var text = new StringBuilder(random.Next(8) == 0 ? "" : "{");
            for (var n = random.Next(6); n > 0; n--)
                text.Append(random.Next(2) == 0 ? "\"brand\":" : "").Append(Pieces[random.Next(Pieces.Length)]).Append(random.Next(2) == 0 ? "," : "");
            if (random.Next(8) != 0)
            {
                if (text.Length > 0 && text[^1] == ',' && random.Next(8) != 0) text.Length--;
                text.Append('}');
            }
            var json = Encoding.UTF8.GetBytes(text.ToString());
            var theirs = FrameworkFields(json);
            Assert.True(theirs == ScannerFields(json), $"{text}: {theirs ?? "refused"} but the scanner says {ScannerFields(json) ?? "refused"}");
            if (theirs is not null) accepted++;
        }
        Assert.True(accepted > 20_000, $"only {accepted} accepted");
    }

    [Fact]
    public void DamagedEvents_AreAcceptedExactlyWhenTheFrameworkAcceptsThem()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var random = new Random(9);
        EventGen.Any.Sample(e =>
        {
            buffer.ResetWrittenCount();
            EventWriter.Write(e, buffer);
            for (var i = 0; i < 20; i++)
            {
                var json = buffer.WrittenSpan.ToArray();
                json[random.Next(json.Length)] = (byte)random.Next(0x80);
                if (Utf8.IsValid(json)) Assert.Equal(FrameworkFields(json), ScannerFields(json));
            }
        }, seed: "0000000000007", iter: 2000, threads: 1);
    }

    [Theory]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    public void Depth_HasTheFrameworksLimit(int depth)
    {
        var json = Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', depth)}{new string(']', depth)}}}");
        Assert.Equal(FrameworkFields(json), ScannerFields(json));
    }

    /// <summary>"type start–end" of every field; null when it is not one object.</summary>
    private static string? ScannerFields(byte[] json)
    {
        var scanner = new JsonObjectScanner(json);
        if (!scanner.TryOpen()) return null;
        var fields = new StringBuilder();
        while (true)
        {
            var step = scanner.Next("\"brand\":"u8);
            if (step is JsonObjectScanner.Step.Fault) return null;
            if (step is JsonObjectScanner.Step.End) return fields.ToString();
            fields.Append($"{scanner.Slot.NameStart} {scanner.Slot.Type} {scanner.Slot.Start}–{scanner.Slot.End} {scanner.Slot.Escaped}, ");
        }
    }

    private static string? FrameworkFields(byte[] utf8)
    {
        try
        {
            var json = new Utf8JsonReader(utf8);
            if (!json.Read() || json.TokenType is not JsonTokenType.StartObject) return null;
            var fields = new StringBuilder();
            while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
            {
                fields.Append($"{json.TokenStartIndex} ");
                json.Read();
                var (type, start, escaped) = (json.TokenType, json.TokenStartIndex, json.ValueIsEscaped);
                json.Skip();
                fields.Append($"{type} {start}–{json.BytesConsumed} {escaped}, ");
            }
            json.Read();
            return fields.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
