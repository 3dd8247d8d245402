using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Media.Serving;

/// <summary>Every refusal is problem+json (RFC 9457) that says what was wrong and, where there is one, the next step.</summary>
internal static class Problems
{
    internal static ProblemHttpResult BadRequest(string detail, string? names = null, IReadOnlyList<string>? values = null) => Of(400, detail, names, values);

    internal static ProblemHttpResult NotFound(string detail, string? names = null, IReadOnlyList<string>? values = null) => Of(404, detail, names, values);

    internal static ProblemHttpResult Of(int status, string detail, string? names = null, IReadOnlyList<string>? values = null)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail };
        if (names is not null && values is not null) problem.Extensions[names] = values;
        return TypedResults.Problem(problem);
    }

    /// <summary>Gives the framework's own refusals (unreadable JSON, a body too large, no such route) a sentence as well.</summary>
    internal static void Customize(ProblemDetailsContext context)
    {
        context.ProblemDetails.Detail ??= context.Exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => $"The body is not the JSON expected: {json.Message}",
            BadHttpRequestException refused => refused.Message,
            not null => "The server failed; its log says how.",
            null => context.ProblemDetails.Status switch
            {
                404 => $"There is nothing at {context.HttpContext.Request.Path}; /scalar lists what there is.",
                405 => $"{context.HttpContext.Request.Path} does not answer to {context.HttpContext.Request.Method}.",
                413 => "The body is larger than this server takes.",
                415 => "The body must be sent as application/json.",
                _ => null,
            },
        };
    }
}
