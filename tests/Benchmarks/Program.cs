using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*EventReading*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
