namespace Media.Models;

/// <summary>There are too few rows, or too few of a kind, to fit a model and to judge it on rows that it has not seen: a matter of the data, not of the call.</summary>
public sealed class TooFewRowsException(string message) : ArgumentException(message);
