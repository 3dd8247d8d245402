using System.Text.Json.Nodes;
using Media.Kernel.Display;

namespace Media.Kernel.Protocol;

/// <summary>Publishes a cell's outputs to every front end that listens, under the request that runs, or the last that ran.</summary>
internal sealed class PublishedOutputs(Action<string, JsonObject> publish) : ICellOutputs
{
    public void Write(string name, string text) => publish("stream", new JsonObject { ["name"] = name, ["text"] = text });

    public void Display(MimeBundle bundle, string displayId) => Publish("display_data", bundle, displayId);

    public void Update(MimeBundle bundle, string displayId) => Publish("update_display_data", bundle, displayId);

    private void Publish(string type, MimeBundle bundle, string displayId)
    {
        LiveConsole.FlushBoth(); // what was written before comes before it
        publish(type, new JsonObject { ["data"] = bundle.ToJson(), ["metadata"] = new JsonObject(), ["transient"] = new JsonObject { ["display_id"] = displayId } });
    }
}
