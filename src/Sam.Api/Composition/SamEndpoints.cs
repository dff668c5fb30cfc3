using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sam.Api.Pipeline;

namespace Sam.Api.Composition;

/// <summary>Hangs the routes into ASP.NET Core's routing.</summary>
public static class SamEndpoints
{
    /// <summary>Maps all routes of the pipeline, and everything else to its answer for what is no route.</summary>
    public static void MapSam(this IEndpointRouteBuilder endpoints)
    {
        SamPipeline pipeline = endpoints.ServiceProvider.GetRequiredService<SamPipeline>();
        foreach (SamRoute route in pipeline.Routes)
        {
            endpoints.MapMethods(route.Path, route.Methods, context => pipeline.RunAsync(context, route));
        }

        endpoints.Map("{**path}", pipeline.RunUnroutedAsync);
    }
}
