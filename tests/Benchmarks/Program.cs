using BenchmarkDotNet.Running;
using Media.Benchmarks;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*EventReading*'; the last results stand in RESULTS.md.
// tree-training [rounds] takes turns with a peer in another process instead: see TreeTraining.
if (args is ["tree-training", .. var rest]) TreeTraining.Run(rest is [var rounds] ? int.Parse(rounds, System.Globalization.CultureInfo.InvariantCulture) : 5, Path.Combine(AppContext.BaseDirectory, "peers", "xgboost_training.py"));
else BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
