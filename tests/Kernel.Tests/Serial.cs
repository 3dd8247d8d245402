// A cell's outputs go to Console, of which a process has one; and kernels want the cores for themselves to be measured.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
