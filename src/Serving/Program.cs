// The prediction API: dotnet run --project src/Serving, then http://127.0.0.1:5080
// It serves what the journey left in artifacts/journey (lake in lake/, models and bandit in registry/); Serving__DataFolder=… names another folder,
// Lake__Url and Registry__Url a bucket or a folder for one of them.
// Started before the journey it comes up degraded: /health and the log say the next step, and what the journey saves is found without a restart.
using Media.Serving;

try
{
    await ServingApp.Build(args, TimeProvider.System).RunAsync();
    return 0;
}
catch (InvalidServingOptionsException faults)
{
    await Console.Error.WriteLineAsync(faults.Message);
    return 2;
}
catch (IOException fault)
{
    // An address in use, or a data folder that cannot be made: one line says all.
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
