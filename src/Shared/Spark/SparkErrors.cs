using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Grpc.Core;
using Media.Spark.Protocol;

namespace Media.Spark;

/// <summary>What a failed call means: whether it is worth trying again, and the exception that says it in one line. Pure, thread-safe.</summary>
internal static partial class SparkErrors
{
    private const string StatusDetails = "grpc-status-details-bin";

    /// <summary>Whether the call failed on its way, so that the server may answer the next time.</summary>
    /// <remarks>A call that was cancelled here is for its caller to tell; a broken connection may look the same.</remarks>
    public static bool MayPass(RpcException fault) =>
        (IsOfTheNetwork(fault) || fault.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled || IsClass(fault, "INVALID_CURSOR.DISCONNECTED"))
        && !IsNotSpark(fault) && !IsUntrusted(fault) && !IsUnknownHost(fault);

    /// <summary>Whether the server says that it knows of no such operation.</summary>
    public static bool IsUnknownOperation(RpcException fault) => IsClass(fault, "INVALID_HANDLE.OPERATION_NOT_FOUND");

    /// <summary>Spark's description of the error in the call's trailers; null when the answer is not Spark's.</summary>
    public static RpcErrorInfo? InfoOf(RpcException fault)
    {
        if (fault.Trailers.GetValueBytes(StatusDetails) is not { } bytes) return null;
        var any = RpcStatus.Parser.ParseFrom(bytes).Details.FirstOrDefault(d => d.TypeUrl.EndsWith("/google.rpc.ErrorInfo", StringComparison.Ordinal));
        return any is null ? null : RpcErrorInfo.Parser.ParseFrom(any.Value);
    }

    /// <param name="error">Spark's description in the trailers; null = none.</param>
    /// <param name="chain">The errors beneath it; null = not known.</param>
    public static SparkException Of(RpcException fault, RpcErrorInfo? error, FetchErrorDetailsResponse? chain, SparkConnection connection)
    {
        if (error is null && IsClassLike(fault.Status.Detail) is null) return World(fault, connection);
        var first = chain is { HasRootErrorIdx: true } ? chain.Errors[chain.RootErrorIdx] : null;
        var last = first;
        for (var steps = 0; last is { HasCauseIdx: true } && steps < chain!.Errors.Count; steps++) last = chain.Errors[last.CauseIdx];
        var details = first is { Message.Length: > 0 } ? first.Message : fault.Status.Detail;
        var errorClass = Some(error?.Metadata.GetValueOrDefault("errorClass")) ?? Some(first?.SparkThrowable?.ErrorClass) ?? IsClassLike(fault.Status.Detail);
        if (errorClass is "INVALID_HANDLE.SESSION_CHANGED" or "INVALID_HANDLE.SESSION_NOT_FOUND" or "INVALID_HANDLE.SESSION_CLOSED") return Restarted(connection, errorClass, fault);
        var cause = last is null || last == first ? null : $"{last.ErrorTypeHierarchy.FirstOrDefault()}: {OneLine(last.Message)}";
        return new SparkException(OneLine(details) + (cause is null ? "" : $" Cause: {cause}"), fault)
        {
            ErrorClass = errorClass, SqlState = Some(error?.Metadata.GetValueOrDefault("sqlState")) ?? Some(first?.SparkThrowable?.SqlState),
            JavaClass = Some(error?.Reason) ?? first?.ErrorTypeHierarchy.FirstOrDefault(), RootCause = cause, Details = details,
        };
    }

    public static SparkException Restarted(SparkConnection connection, string errorClass, Exception? inner) =>
        new($"Spark at {connection} does not know this session any more: the server has restarted or ended it, and its views and streams are gone. Connect again.", inner) { ErrorClass = errorClass };

    public static SparkException NotSpark(SparkConnection connection, Exception? inner) =>
        new($"Something other than a Spark Connect server answers at {connection}. Spark's own port for it is {SparkConnection.CustomaryPort}; with TLS the address ends in /;use_ssl=true.", inner);

    /// <summary>The words without query, plan, stack and line breaks.</summary>
    public static string OneLine(string message)
    {
        var end = SqlStateAtEnd().Match(message);
        if (end.Success) message = message[..(end.Index + end.Length)];
        else if (PlanOrStack().Match(message) is { Success: true, Index: > 0 } rest) message = message[..rest.Index];
        return string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static SparkException World(RpcException fault, SparkConnection connection)
    {
        if (IsUntrusted(fault)) return new SparkException($"There is no trusted TLS connection to {connection}: {OneLine(Causes(fault).OfType<AuthenticationException>().Last().Message)}", fault);
        if (IsNotSpark(fault) || IsWithoutHandshake(fault)) return NotSpark(connection, fault);
        var words = OneLine(Causes(fault).LastOrDefault() is { } deepest && deepest is not RpcException ? deepest.Message : fault.Status.Detail);
        return fault.StatusCode switch
        {
            StatusCode.Unauthenticated or StatusCode.PermissionDenied => new SparkException($"Spark at {connection} refuses the caller; is the token right? It says: {words}", fault),
            StatusCode.ResourceExhausted => new SparkException($"A message between here and Spark at {connection} is longer than {SparkChannel.LongestMessage >> 20} MiB, or Spark is out of room: {words}", fault),
            StatusCode.DeadlineExceeded => new SparkException(string.Create(CultureInfo.InvariantCulture, $"Spark at {connection} does not answer within {connection.ConnectTimeout.TotalSeconds} s."), fault),
            _ when IsOfTheNetwork(fault) || fault.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled => new SparkException($"Spark at {connection} cannot be reached: {words}", fault),
            _ => new SparkException($"The call to Spark at {connection} failed ({fault.StatusCode}): {words}", fault),
        };
    }

    private static bool IsOfTheNetwork(RpcException fault) => Causes(fault).Any(c => c is IOException or SocketException or HttpRequestException);

    private static bool IsUnknownHost(RpcException fault) => Causes(fault).Any(c => c is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData });

    private static bool IsUntrusted(RpcException fault) => Causes(fault).Any(c => c is AuthenticationException);

    private static bool IsNotSpark(RpcException fault) =>
        fault.StatusCode == StatusCode.Unimplemented
        || Causes(fault).Any(c => c is HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError })
        || fault.Status.Detail.StartsWith("Bad gRPC response.", StringComparison.Ordinal);

    /// <summary>Whether the connection was made and closed again before HTTP/2 was agreed on: so does a web server of the old kind, but also a proxy whose Spark is away for a moment.</summary>
    private static bool IsWithoutHandshake(RpcException fault) => Causes(fault).LastOrDefault() is HttpRequestException { HttpRequestError: HttpRequestError.Unknown };

    private static bool IsClass(RpcException fault, string errorClass) => (InfoOf(fault)?.Metadata.GetValueOrDefault("errorClass") ?? IsClassLike(fault.Status.Detail)) == errorClass;

    private static string? IsClassLike(string detail) => LeadingClass().Match(detail) is { Success: true } match ? match.Groups[1].Value : null;

    private static IEnumerable<Exception> Causes(RpcException fault)
    {
        for (var e = fault.Status.DebugException; e is not null; e = e.InnerException) yield return e;
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;

    [GeneratedRegex(@"^\s*\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\]")]
    private static partial Regex LeadingClass();

    [GeneratedRegex(@"SQLSTATE: [0-9A-Z]{5}")]
    private static partial Regex SqlStateAtEnd();

    [GeneratedRegex(@"\n(?:\s*at [\w.$]+\(|== |\+- |'?[A-Z]\w+ \[|Caused by: )")]
    private static partial Regex PlanOrStack();
}
