using System.Text.Json;
using System.Text.Json.Serialization;

namespace Media.Kernel.Protocol;

// A front end and this kernel, by the Jupyter messaging protocol 5.3:
//   KernelSpec.cs tells Jupyter how to start it (step 1) → ConnectionFile.cs: on which ports, with which key (step 2) → JupyterSockets.cs: the five sockets (step 3)
//   → MessageCodec.cs: frames and their signature (step 4) → JupyterMessage.cs (step 5) → JupyterKernel.cs: what is done for each (step 6).
//   PublishedOutputs.cs carries a cell's outputs out, InputReader.cs the person's input in, History.cs keeps what was run.

/// <summary>Where the front end expects the kernel, and the key that messages are signed with.</summary>
/// <seealso href="https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files">Connection files</seealso>
internal sealed record ConnectionFile
{
    [JsonPropertyName("transport")]
    public string Transport { get; init; } = "tcp";

    [JsonPropertyName("ip")]
    public string Ip { get; init; } = "127.0.0.1";

    [JsonPropertyName("signature_scheme")]
    public string SignatureScheme { get; init; } = "hmac-sha256";

    /// <summary>Empty: messages are not signed.</summary>
    [JsonPropertyName("key")]
    public string Key { get; init; } = "";

    [JsonPropertyName("shell_port")]
    public required int ShellPort { get; init; }

    [JsonPropertyName("control_port")]
    public required int ControlPort { get; init; }

    [JsonPropertyName("stdin_port")]
    public required int StdinPort { get; init; }

    [JsonPropertyName("iopub_port")]
    public required int IopubPort { get; init; }

    [JsonPropertyName("hb_port")]
    public required int HeartbeatPort { get; init; }

    public string Address(int port) => Transport == "ipc" ? $"ipc://{Ip}-{port}" : $"{Transport}://{Ip}:{port}";

    /// <exception cref="KernelException">It is not there, not a connection file, or asks for another signature than HMAC-SHA256.</exception>
    public static ConnectionFile Read(string path)
    {
        ConnectionFile? file;
        try
        {
            file = JsonSerializer.Deserialize<ConnectionFile>(File.ReadAllText(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new KernelException($"'{path}' is no connection file of Jupyter: {fault.Message}", fault);
        }
        if (file is null) throw new KernelException($"'{path}' is no connection file of Jupyter: it holds null.");
        if (file.Key.Length > 0 && file.SignatureScheme != "hmac-sha256") throw new KernelException($"'{path}' asks for the signature scheme '{file.SignatureScheme}'; this kernel knows hmac-sha256.");
        return file;
    }
}
