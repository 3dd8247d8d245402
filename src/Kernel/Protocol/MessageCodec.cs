using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NetMQ;

namespace Media.Kernel.Protocol;

/// <summary>Messages to frames and back: identities, delimiter, signature, then header, parent, metadata and content as JSON. Thread-safe.</summary>
/// <seealso href="https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol">The wire protocol</seealso>
internal sealed class MessageCodec(string key)
{
    private const int Parts = 4;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    private static ReadOnlySpan<byte> Delimiter => "<IDS|MSG>"u8;

    public NetMQMessage Encode(JupyterMessage message)
    {
        byte[][] parts = [Bytes(message.Header), Bytes(message.Parent), Bytes(message.Metadata), Bytes(message.Content)];
        var frames = new NetMQMessage();
        foreach (var identity in message.Identities) frames.Append(identity);
        frames.Append(Delimiter.ToArray());
        frames.Append(Encoding.ASCII.GetBytes(Signature(parts)));
        foreach (var part in parts) frames.Append(part);
        return frames;
    }

    /// <summary>False, with the reason, when the frames are no message or are not signed with the key.</summary>
    public bool TryDecode(NetMQMessage frames, [NotNullWhen(true)] out JupyterMessage? message, [NotNullWhen(false)] out string? reason)
    {
        message = null;
        var at = 0;
        while (at < frames.FrameCount && !frames[at].ToByteArray().AsSpan().SequenceEqual(Delimiter)) at++;
        if (frames.FrameCount < at + 2 + Parts)
        {
            reason = $"{frames.FrameCount} frames are no message of the protocol";
            return false;
        }
        byte[][] parts = [.. Enumerable.Range(at + 2, Parts).Select(i => frames[i].ToByteArray())];
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Signature(parts)), frames[at + 1].ToByteArray()))
        {
            reason = "its signature is not of this kernel's key";
            return false;
        }
        try
        {
            var json = parts.Select(part => JsonNode.Parse(part) as JsonObject ?? throw new JsonException("a part is no JSON object")).ToList();
            message = new JupyterMessage([.. Enumerable.Range(0, at).Select(i => frames[i].ToByteArray())], json[0], json[1], json[2], json[3]);
            reason = null;
            return true;
        }
        catch (JsonException fault)
        {
            reason = fault.Message;
            return false;
        }
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(Json));

    private string Signature(byte[][] parts)
    {
        if (_key.Length == 0) return "";
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts) hmac.AppendData(part);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }
}
