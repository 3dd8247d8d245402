using System.Text.Json;
using System.Text.Json.Serialization;
using Media.Registry;
using Scalar.AspNetCore;

namespace Media.Serving;

/// <summary>The API put together.</summary>
public static class ServingApp
{
    /// <summary>The application, ready to run.</summary>
    /// <param name="args">Configuration as <c>--Serving:DataFolder=…</c>; comes before the environment, which comes before appsettings.json.</param>
    /// <exception cref="InvalidServingOptionsException">The configuration has faults; all are listed.</exception>
    public static WebApplication Build(string[] args, TimeProvider time)
    {
        var builder = WebApplication.CreateBuilder(args);
        var options = ServingOptions.From(builder.Configuration);
        string[] addresses = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        if (addresses.All(key => string.IsNullOrEmpty(builder.Configuration[key]))) builder.WebHost.UseUrls(options.Url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.AddServerHeader = false;
        });

        // A line per request would be most of the log and a fifth of the time.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        var (lake, registry) = options.OpenStores();
        builder.Services
            .AddSingleton(options).AddSingleton(time).AddSingleton(new LatestFeatures(lake)).AddSingleton(new DecisionLog(lake, time))
            .AddSingleton(new BanditRegistry(registry)).AddSingleton<AdSlotBandit>()
            .AddSingleton(services => new ModelHost(new ModelRegistry(registry, time), services.GetRequiredService<ILogger<ModelHost>>()))
            .AddSingleton<Refresher>().AddHostedService(services => services.GetRequiredService<Refresher>())
            .AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.Customize)
            .Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true)
            .ConfigureHttpJsonOptions(json =>
            {
                json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServingJson.Default);
                json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
                json.SerializerOptions.PropertyNameCaseInsensitive = false;
                json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
                json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
                json.SerializerOptions.AllowDuplicateProperties = false;
                json.SerializerOptions.RespectNullableAnnotations = true;
                json.SerializerOptions.RespectRequiredConstructorParameters = true;
            })
            .AddOpenApi(openApi => openApi.AddDocumentTransformer((document, _, _) =>
            {
                (document.Info.Title, document.Info.Description) = ("Media", "Predictions and ad-slot decisions. Every refusal is problem+json with a sentence that says why.");
                return Task.CompletedTask;
            }));

        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = fault => fault is BadHttpRequestException refused ? refused.StatusCode : StatusCodes.Status500InternalServerError,
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
        });
        app.UseStatusCodePages();
        app.MapHealth();
        app.MapModels();
        app.MapPredict();
        app.MapBandit();
        app.MapOpenApi();
        // The page's script comes from the package and its fonts from the system, so it works without a network; what needs the vendor's services is off.
        app.MapScalarApiReference(page =>
        {
            (page.Title, page.DefaultFonts, page.Telemetry, page.ProxyUrl) = ("Media API", false, false, null);
            (page.HideModels, page.HideClientButton, page.ShowDeveloperTools) = (true, true, DeveloperToolsVisibility.Never);
            (page.Agent, page.Mcp) = (new ScalarAgentOptions { Disabled = true }, new ScalarMcpOptions { Disabled = true });
        });
        app.MapGet("/", () => TypedResults.Redirect("/scalar")).ExcludeFromDescription();
        return app;
    }
}
