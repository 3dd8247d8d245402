using System.Globalization;
using System.Text.Json.Nodes;

namespace Media.Kernel.Protocol;

/// <summary>One message of the protocol.</summary>
/// <param name="Identities">who is to have it: routing frames of a request and its reply, the topic of a publication</param>
/// <param name="Parent">the header of the request that it answers; empty without one</param>
internal sealed record JupyterMessage(IReadOnlyList<byte[]> Identities, JsonObject Header, JsonObject Parent, JsonObject Metadata, JsonObject Content)
{
    public const string Version = "5.3";

    public string Type => Text(Header, "msg_type");

    public static JupyterMessage Of(string type, string session, JsonObject content, IReadOnlyList<byte[]> identities, JupyterMessage? parent, DateTimeOffset now) => new(
        identities,
        new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString("N"),
            ["session"] = session,
            ["username"] = "kernel",
            ["date"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["msg_type"] = type,
            ["version"] = Version,
        },
        parent?.Header.DeepClone().AsObject() ?? [],
        [],
        content);

    /// <summary>A text of the content, "" where it is absent or something else.</summary>
    public string Text(string name) => Text(Content, name);

    public bool Flag(string name, bool otherwise) => Content[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : otherwise;

    public int Number(string name, int otherwise) => Content[name] is JsonValue value && value.TryGetValue(out int number) ? number : otherwise;

    private static string Text(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
