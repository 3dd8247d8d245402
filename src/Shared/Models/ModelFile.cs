using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Media.Models;

/// <summary>The bytes of every saved model: a line with the format's name and the hash of the rest, a line of JSON saying what it is, then the model as JSON.</summary>
/// <remarks>Equal models give equal bytes. The hash finds every changed, missing or added byte, so what follows it is trusted.</remarks>
internal static class ModelFile
{
    private const string Format = "media-model/1 sha256=";
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    internal static void Write<TBody>(Stream to, string model, IReadOnlyList<string> features, TBody body)
    {
        using var content = new MemoryStream();
        JsonSerializer.Serialize(content, new Header(model, features), Json);
        content.WriteByte((byte)'\n');
        JsonSerializer.Serialize(content, body, Json);
        var bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        to.Write(Encoding.ASCII.GetBytes($"{FirstLine(bytes)}\n"));
        to.Write(bytes);
    }

    /// <exception cref="InvalidDataException">Not a saved model, damaged, another model, or one over other features.</exception>
    internal static TBody Read<TBody>(Stream saved, string model, IReadOnlyList<string> features)
    {
        using var buffer = new MemoryStream();
        saved.CopyTo(buffer);
        var bytes = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        if (!bytes.StartsWith(Encoding.ASCII.GetBytes(Format))) throw new InvalidDataException($"Not a saved model: it does not start with '{Format}'.");
        var end = bytes.IndexOf((byte)'\n');
        var content = bytes[(end + 1)..];
        if (end < 0 || !bytes[..end].SequenceEqual(Encoding.ASCII.GetBytes(FirstLine(content)))) throw new InvalidDataException("The saved model is damaged: its hash does not fit its bytes.");
        var headerEnd = content.IndexOf((byte)'\n');
        if (headerEnd < 0) throw new InvalidDataException("The saved model has no header.");
        try
        {
            var header = JsonSerializer.Deserialize<Header>(content[..headerEnd], Json) ?? throw new InvalidDataException("The saved model has no header.");
            if (header.Model != model) throw new InvalidDataException($"The saved model is '{header.Model}', not '{model}'.");
            RequireSame(header.Features, features);
            return JsonSerializer.Deserialize<TBody>(content[(headerEnd + 1)..], Json) ?? throw new InvalidDataException("The saved model is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The saved model is not of this version: {e.Message}", e);
        }
    }

    private static void RequireSame(IReadOnlyList<string> saved, IReadOnlyList<string> expected)
    {
        if (saved.SequenceEqual(expected, StringComparer.Ordinal)) return;
        var missing = expected.Except(saved, StringComparer.Ordinal).ToList();
        var extra = saved.Except(expected, StringComparer.Ordinal).ToList();
        throw new InvalidDataException(missing.Count + extra.Count == 0
            ? "The saved model reads the same features in another order."
            : $"The saved model reads other features: it lacks [{string.Join(", ", missing)}] and adds [{string.Join(", ", extra)}].");
    }

    private static string FirstLine(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return Format + Convert.ToHexStringLower(hash);
    }

    private sealed record Header(string Model, IReadOnlyList<string> Features);
}
