namespace Media.Models.LightGbm;

/// <summary>The native LightGBM library refused a call or is not there; the message is its own, or says what to install.</summary>
public sealed class LightGbmException : Exception
{
    public LightGbmException(string message) : base(message) { }
    public LightGbmException(string message, Exception inner) : base(message, inner) { }
    public LightGbmException() : base("LightGBM failed.") { }
}
