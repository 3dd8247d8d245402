namespace Media.Kernel.Display;

/// <summary>Where a cell's outputs go: to a front end by the Jupyter protocol, or to the headless runner.</summary>
/// <remarks>Thread-safe: a cell may write from many threads, and go on writing after it has ended.</remarks>
internal interface ICellOutputs
{
    /// <param name="name"><see cref="StandardOutput"/> or <see cref="StandardError"/></param>
    void Write(string name, string text);

    /// <param name="displayId">names the place, so that it can be shown anew</param>
    void Display(MimeBundle bundle, string displayId);

    /// <summary>Shows another value wherever <paramref name="displayId"/> is shown.</summary>
    void Update(MimeBundle bundle, string displayId);

    const string StandardOutput = "stdout";
    const string StandardError = "stderr";
}
