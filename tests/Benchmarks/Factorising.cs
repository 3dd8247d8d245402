using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Media.Recommendation;

namespace Media.Benchmarks;

/// <summary>A round of <see cref="Nmf"/> beside one of scikit-learn's NMF (solver cd) on the same cells with as many topics, in turn.</summary>
/// <remarks>
/// Not a BenchmarkDotNet class, since the peer is another program: <c>dotnet run -c Release --project tests/Benchmarks -- factorising [turns]</c> writes the cells to a
/// temporary folder and takes turns with <c>peers/sklearn_nmf.py</c>, which needs python3 with numpy, scipy and scikit-learn. 20,000 users, 4,000 items, about a million
/// cells of strength 1 drawn from 30 planted topics. A round sets all users' factors, then all items'; both sides start from factors drawn alike. Goal: ≥ 3 × as fast.
/// </remarks>
internal static class Factorising
{
    private const int Users = 20_000;
    private const int Items = 4_000;
    private const int Topics = 30;
    private const int Rounds = 20;

    /// <param name="turns">Measured turns of each side, after one to warm up.</param>
    public static void Run(int turns, string peer)
    {
        var cells = Draw(new Random(1));
        var matrix = SparseMatrix.From(Users, Items, cells);
        var folder = Directory.CreateTempSubdirectory("media-factorising-");
        try
        {
            File.WriteAllBytes(Path.Combine(folder.FullName, "cells.i32"), MemoryMarshal.AsBytes(cells.SelectMany(c => new[] { c.User, c.Item }).ToArray().AsSpan()).ToArray());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cells.Length:N0} cells, {Rounds} rounds"));
            foreach (var factors in new[] { 20, 50 })
            {
                var (one, two, theirs) = (new List<Turn>(), new List<Turn>(), new List<Turn>());
                for (var turn = 0; turn <= turns; turn++)
                {
                    var (own, both, other) = (Factorise(matrix, factors, threads: 1), Factorise(matrix, factors, threads: 2), FactorisePeer(peer, folder.FullName, factors));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{factors} factors, turn {turn}{(turn == 0 ? " (warm-up)" : "")}: one thread {own}, two {both}, scikit-learn {other}"));
                    if (turn == 0) continue;
                    one.Add(own);
                    two.Add(both);
                    theirs.Add(other);
                }
                var (a, b, c) = (Median(one), Median(two), Median(theirs));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{factors} factors, median: {c.CpuSeconds / a.CpuSeconds:0.0} × by CPU seconds on one thread, {c.Seconds / b.Seconds:0.0} × by the clock on two; loss {a.Loss / c.Loss:0.0000} of scikit-learn's"));
            }
        }
        finally { folder.Delete(recursive: true); }
    }

    private static Turn Factorise(SparseMatrix matrix, int factors, int threads)
    {
        var fit = new Nmf.NmfFit(matrix, new NmfOptions { Factors = factors, Seed = 1, Threads = threads });
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        for (var round = 0; round < Rounds; round++) fit.Round(CancellationToken.None);
        return new Turn((Environment.CpuUsage.TotalTime - cpu).TotalSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds, fit.Loss(CancellationToken.None));
    }

    /// <summary>The peer prints CPU seconds, seconds and loss in one line.</summary>
    private static Turn FactorisePeer(string script, string folder, int factors)
    {
        var figures = PeerScript.Run(script, folder, $"{Users}", $"{Items}", $"{factors}", $"{Rounds}");
        return new Turn(figures[0], figures[1], figures[2]);
    }

    private static Turn Median(List<Turn> turns) => turns.OrderBy(t => t.CpuSeconds).ElementAt(turns.Count / 2);

    /// <summary>Each user has two topics, each topic its own popular items; no cell twice.</summary>
    private static Interaction[] Draw(Random random)
    {
        var cells = new HashSet<(int User, int Item)>();
        for (var user = 0; user < Users; user++)
        {
            var (first, second) = (random.Next(Topics), random.Next(Topics));
            for (var i = 0; i < 55; i++)
            {
                var place = (int)(Items * Math.Pow(random.NextDouble(), 3));
                cells.Add((user, (place * 7 + 131 * (random.Next(3) > 0 ? first : second)) % Items));
            }
        }
        return [.. cells.OrderBy(c => c).Select(c => new Interaction(c.User, c.Item, 1))];
    }

    /// <summary>What all rounds took, and ½ ‖X − W Hᵀ‖² after them.</summary>
    private sealed record Turn(double CpuSeconds, double Seconds, double Loss)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CpuSeconds:0.00} CPU s ({Seconds:0.00} s), loss {Loss:N0}");
    }
}
