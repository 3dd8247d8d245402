using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Media.Tests.Protocol;

/// <summary>The kernel over its sockets, as any front end has it.</summary>
public class JupyterKernelTests
{
    [Fact]
    public void Cell_IsPublishedFromBusyToIdle()
    {
        using var kernel = new JupyterClient();
        Assert.Equal("5.3", kernel.Info.Text("protocol_version"));

        var (reply, published) = kernel.Execute("Console.WriteLine(\"out\"); Console.Error.WriteLine(\"err\");\n1 + 2");

        Assert.Equal(("ok", 1), (reply.Text("status"), reply.Number("execution_count", 0)));
        Assert.Equal(["status", "execute_input", "stream", "stream", "execute_result", "status"], published.Select(m => m.Type));
        Assert.Equal("3", (string?)published[4].Content["data"]!["text/plain"]);
        Assert.Equal(["stdout:out\n", "stderr:err\n"], published.Where(m => m.Type == "stream").Select(m => $"{m.Text("name")}:{m.Text("text")}").OrderDescending());
        kernel.Shutdown();
    }

    [Fact]
    public void Output_ComesWhileTheCellRuns()
    {
        using var kernel = new JupyterClient();
        var asked = kernel.Begin("Console.Write(\"live\");\nwhile (true) { }");
        Assert.Equal("live", kernel.WaitFor(asked, "stream").Text("text"));

        Assert.Equal("ok", kernel.AskControl("interrupt_request", []).Text("status"));

        Assert.Equal("Interrupted", kernel.ReplyTo(asked).Text("ename"));
        Assert.Equal("2", Result(kernel.Execute("1 + 1")));
    }

    [Fact]
    public void CellsSentBehindOneThatFails_AreNotRun()
    {
        using var kernel = new JupyterClient();
        kernel.Execute("var ran = 0;");
        // The first waits for input, so that the others are surely in the queue when it fails.
        string[] asked = [kernel.Begin("Console.ReadLine();\nthrow new Exception(\"stop\");"), kernel.Begin("ran++;"), kernel.Begin("ran++;")];
        var known = kernel.Begin("ran++;");
        kernel.WaitFor(asked[0], "execute_input");
        kernel.GiveInput("");

        Assert.Equal("error", kernel.ReplyTo(asked[0]).Text("status"));
        Assert.Equal(["aborted", "aborted", "aborted"], asked[1..].Append(known).Select(a => kernel.ReplyTo(a).Text("status")));
        Assert.Equal("0", Result(kernel.Execute("ran")));
        Assert.Equal("error", kernel.Execute("throw new Exception(\"go on\");", new JsonObject { ["stop_on_error"] = false }).Reply.Text("status"));
    }

    [Fact]
    public void Input_IsAskedOfTheFrontEnd()
    {
        using var kernel = new JupyterClient();
        var asked = kernel.Begin("Console.ReadLine()!.ToUpperInvariant()");
        kernel.GiveInput("ada");
        Assert.Equal("ok", kernel.ReplyTo(asked).Text("status"));
        Assert.Equal("ADA", (string?)kernel.WaitFor(asked, "execute_result").Content["data"]!["text/plain"]);

        var refused = kernel.Execute("Console.ReadLine()", new JsonObject { ["allow_stdin"] = false }).Reply;
        Assert.Contains("gives no input", refused.Text("evalue"), StringComparison.Ordinal);

        var waiting = kernel.Begin("Console.ReadLine()");
        kernel.WaitFor(waiting, "execute_input");
        kernel.AskControl("interrupt_request", []);
        Assert.Equal("error", kernel.ReplyTo(waiting).Text("status"));
        Assert.Equal("2", Result(kernel.Execute("1 + 1")));
    }

    [Fact]
    public void CompletionAndInspection_KnowEarlierCellsAndDocumentation()
    {
        using var kernel = new JupyterClient();
        kernel.Execute("/// <summary>How often a reader came.</summary>\nint CountVisits(string reader) => 3;\nvar visitsOfAda = CountVisits(\"ada\");");

        var found = Complete(kernel, "visi");
        Assert.True(found.Text("status") == "ok", found.Content.ToJsonString());
        Assert.Contains("visitsOfAda", found.Content["matches"]!.AsArray().Select(m => (string?)m));
        // Positions count code points: the emoji is one of them, and two UTF-16 units.
        found = Complete(kernel, "var 😀 = \"😀\"; \"\".Substr");
        Assert.Equal(["Substring"], found.Content["matches"]!.AsArray().Select(m => (string?)m));
        Assert.Equal((16, 22), (found.Number("cursor_start", 0), found.Number("cursor_end", 0)));
        Assert.Equal("method", (string?)found.Content["metadata"]!["_jupyter_types_experimental"]![0]!["type"]);

        Assert.Contains("How often a reader came.", Inspect(kernel, "CountVisits(\"ada\")", 3), StringComparison.Ordinal);
        var console = Inspect(kernel, "Console.WriteLine(\"x\")", 10);
        Assert.Contains("void Console.WriteLine(string", console, StringComparison.Ordinal);
        Assert.Contains("followed by the current line terminator", console, StringComparison.Ordinal); // .NET's own documentation, of the SDK
        Assert.Contains("Substring", Inspect(kernel, "\"abc\".Substring(1", 17), StringComparison.Ordinal); // between the parentheses
        Assert.Contains("Shows a value now", Inspect(kernel, "display(1)", 4), StringComparison.Ordinal);
        Assert.False(kernel.Ask("inspect_request", new JsonObject { ["code"] = "   ", ["cursor_pos"] = 1, ["detail_level"] = 0 }).Flag("found", true));
    }

    [Theory]
    [InlineData("1 + 1", "complete")]
    [InlineData("if (true) {", "incomplete")]
    [InlineData("class { }", "invalid")]
    public void Completeness_IsTold(string code, string status)
    {
        using var kernel = new JupyterClient();
        Assert.Equal(status, kernel.Ask("is_complete_request", new JsonObject { ["code"] = code }).Text("status"));
    }

    [Fact]
    public void History_HasWhatWasRun()
    {
        using var kernel = new JupyterClient();
        kernel.Execute("1 + 1");
        kernel.Execute("var silent = 1;", new JsonObject { ["store_history"] = false });
        kernel.Execute("2 + 2");

        Assert.Equal("[[0,1,[\"1 + 1\",\"2\"]],[0,3,[\"2 + 2\",\"4\"]]]", History(new JsonObject { ["hist_access_type"] = "tail", ["n"] = 5, ["output"] = true }));
        Assert.Equal("[[0,3,\"2 + 2\"]]", History(new JsonObject { ["hist_access_type"] = "tail", ["n"] = 1 }));
        Assert.Equal("[[0,1,\"1 + 1\"]]", History(new JsonObject { ["hist_access_type"] = "range", ["start"] = 1, ["stop"] = 3 }));
        Assert.Equal("[[0,3,\"2 + 2\"]]", History(new JsonObject { ["hist_access_type"] = "search", ["pattern"] = "2*", ["n"] = 5 }));

        string History(JsonObject request) => System.Text.RegularExpressions.Regex.Unescape(kernel.Ask("history_request", request).Content["history"]!.ToJsonString());
    }

    [Fact]
    public void DisplayUpdateUserExpressionsAndComms_FollowTheProtocol()
    {
        using var kernel = new JupyterClient();
        var (reply, published) = kernel.Execute("var place = display(1); place.Update(2);", new JsonObject { ["user_expressions"] = new JsonObject { ["sum"] = "1 + 1", ["bad"] = "nowhere" } });

        var (shown, updated) = (published.Single(m => m.Type == "display_data"), published.Single(m => m.Type == "update_display_data"));
        Assert.Equal((string?)shown.Content["transient"]!["display_id"], (string?)updated.Content["transient"]!["display_id"]);
        Assert.Equal("2", (string?)updated.Content["data"]!["text/plain"]);
        Assert.Equal("2", (string?)reply.Content["user_expressions"]!["sum"]!["data"]!["text/plain"]);
        Assert.Equal("error", (string?)reply.Content["user_expressions"]!["bad"]!["status"]);
        Assert.Empty(kernel.Ask("comm_info_request", []).Content["comms"]!.AsObject());
    }

    [Fact]
    public void MessageOfAnotherKey_IsDroppedAndTold()
    {
        using var kernel = new JupyterClient();
        kernel.SendForged("shutdown_request");

        Assert.Equal("2", Result(kernel.Execute("1 + 1")));
        Assert.True(SpinWait.SpinUntil(() => { lock (kernel.Errors) return kernel.Errors.Any(e => e.Contains("its signature is not of this kernel's key", StringComparison.Ordinal)); }, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void FrontEndThatIsGone_TakesItsKernelAlong()
    {
        using var frontEnd = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        using var kernel = new JupyterClient(frontEnd: frontEnd.Id);
        Assert.Equal("2", Result(kernel.Execute("1 + 1")));
        frontEnd.Kill();
        kernel.WaitForEnd();
    }

    [Fact]
    public void InterruptSignal_StopsTheCellAndNotTheKernel()
    {
        using var kernel = new JupyterClient();
        var asked = kernel.Begin("display(0);\nwhile (true) { }");
        kernel.WaitFor(asked, "display_data");
        using (var signal = Process.Start(new ProcessStartInfo("kill", ["-INT", $"{kernel.ProcessId}"]))!) signal.WaitForExit();
        Assert.Equal("Interrupted", kernel.ReplyTo(asked).Text("ename"));
        Assert.Equal("2", Result(kernel.Execute("1 + 1")));
    }

    [Fact]
    public void TwoKernels_KeepTheirStateApart()
    {
        using var one = new JupyterClient();
        using var two = new JupyterClient("another key");
        one.Execute("var name = \"one\";");
        two.Execute("var name = \"two\";");
        // Both at work at once.
        string[] asked = [one.Begin("await Task.Delay(50); name"), two.Begin("await Task.Delay(50); name")];

        Assert.Equal("one", (string?)one.WaitFor(asked[0], "execute_result").Content["data"]!["text/plain"]);
        Assert.Equal("two", (string?)two.WaitFor(asked[1], "execute_result").Content["data"]!["text/plain"]);
        one.Shutdown();
        Assert.Equal("two", Result(two.Execute("name")));
        two.Shutdown();
    }

    /// <summary>What a person feels, printed: a figure that is too great fails nothing here, an answer that is wrong does.</summary>
    [Fact]
    public void Figures_ArePrinted()
    {
        var started = Stopwatch.GetTimestamp();
        using var kernel = new JupyterClient();
        var ready = Milliseconds(started);
        var first = Time(() => Assert.Equal("2", Result(kernel.Execute("1 + 1"))));
        var later = Enumerable.Range(0, 21).Select(i => Time(() => Assert.Equal($"{3 * i}", Result(kernel.Execute($"var y{i} = {i} * 3;\ny{i}"))))).Order().ToList();
        var memory = kernel.Memory;
        var completionCold = Time(() => Complete(kernel, "Console.Wri"));
        var completion = Enumerable.Range(0, 11).Select(i => Time(() => Assert.NotEmpty(Complete(kernel, $"y{i % 10}.ToS").Content["matches"]!.AsArray()))).Order().ToList();
        var interrupts = new List<double>();
        foreach (var code in (string[])["while (true) { }", "await Task.Delay(-1);", "Thread.Sleep(-1);", "await Task.Yield();\nwhile (true) { }"])
        {
            var asked = kernel.Begin($"display(0);\n{code}");
            kernel.WaitFor(asked, "display_data");
            interrupts.Add(Time(() =>
            {
                kernel.AskControl("interrupt_request", []);
                Assert.Equal("error", kernel.ReplyTo(asked).Text("status"));
            }));
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"ready after {ready:0} ms; first cell {first:0} ms; later cells {later[10]:0} ms in the median, {later[^1]:0} ms at most; completion {completionCold:0} ms cold, {completion[5]:0} ms warm in the median, {completion[^1]:0} ms at most; " +
            $"interrupts {string.Join(", ", interrupts.Select(i => $"{i:0}"))} ms; {memory >> 20} MiB resident after the cells, {kernel.Memory >> 20} MiB after completion");
    }

    private static string? Result((Media.Kernel.Protocol.JupyterMessage Reply, IReadOnlyList<Media.Kernel.Protocol.JupyterMessage> Published) ran)
    {
        Assert.True(ran.Reply.Text("status") == "ok", ran.Reply.Content.ToJsonString());
        return (string?)ran.Published.Single(m => m.Type == "execute_result").Content["data"]!["text/plain"];
    }

    private static Media.Kernel.Protocol.JupyterMessage Complete(JupyterClient kernel, string code) =>
        kernel.Ask("complete_request", new JsonObject { ["code"] = code, ["cursor_pos"] = code.EnumerateRunes().Count() });

    private static string Inspect(JupyterClient kernel, string code, int cursor)
    {
        var reply = kernel.Ask("inspect_request", new JsonObject { ["code"] = code, ["cursor_pos"] = cursor, ["detail_level"] = 0 });
        Assert.True(reply.Flag("found", false), code);
        return (string)reply.Content["data"]!["text/plain"]!;
    }

    private static double Time(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Milliseconds(started);
    }

    private static double Milliseconds(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds;
}
