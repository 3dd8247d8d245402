using System.Globalization;
using BenchmarkDotNet.Running;
using Media.Benchmarks;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*EventReading*'; the last results stand in RESULTS.md.
// tree-training [turns] and factorising [turns] take turns with a peer in another process instead: see TreeTraining and Factorising.
// committing [place] [versions] commits ten thousand times, on a disk or in a bucket: see Committing.
// visibility HOST:PORT [seconds] follows events through a Kafka into the live counters: see Visibility.
// warehousing [turns] fills an embedded warehouse and asks it: see Warehousing.
// beside-spark [events] [turns] takes turns with Spark on lake and Kafka: see BesideSpark.
switch (args)
{
    case ["tree-training", .. var turns]: TreeTraining.Run(Turns(turns), Peer("xgboost_training.py")); break;
    case ["factorising", .. var turns]: Factorising.Run(Turns(turns), Peer("sklearn_nmf.py")); break;
    case ["committing", .. var of]: await Committing.RunAsync(of.ElementAtOrDefault(0), of.Length > 1 ? int.Parse(of[1], CultureInfo.InvariantCulture) : 10_000); break;
    case ["warehousing", .. var turns]: await Warehousing.RunAsync(Turns(turns)); break;
    case ["visibility", var broker, .. var seconds]: await Visibility.RunAsync(broker, seconds is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 60); break;
    case ["beside-spark", .. var of]: await BesideSpark.RunAsync(Whole(of, 0, 1_000_000), Whole(of, 1, 3)); break;
    default: BenchmarkSwitcher.FromAssembly(typeof(Warehousing).Assembly).Run(args); break;
}

static int Turns(string[] given) => given is [var turns] ? int.Parse(turns, CultureInfo.InvariantCulture) : 5;

static int Whole(string[] given, int place, int otherwise) => given.Length > place ? int.Parse(given[place], CultureInfo.InvariantCulture) : otherwise;

static string Peer(string script) => Path.Combine(AppContext.BaseDirectory, "peers", script);
