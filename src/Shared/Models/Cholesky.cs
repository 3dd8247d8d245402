using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>Solves a symmetric positive definite system.</summary>
internal static class Cholesky
{
    /// <summary>Overwrites the right side with the solution, and the matrix's lower triangle with its factor.</summary>
    /// <param name="matrix">n × n, row-major; only the lower triangle is read.</param>
    /// <exception cref="ArithmeticException">The matrix is not positive definite.</exception>
    internal static void SolveInPlace(Span<double> matrix, Span<double> right)
    {
        var n = right.Length;
        for (var i = 0; i < n; i++)
        {
            var row = matrix.Slice(i * n, i + 1);
            for (var j = 0; j < i; j++)
            {
                var other = matrix.Slice(j * n, j + 1);
                row[j] = (row[j] - TensorPrimitives.Dot<double>(row[..j], other[..j])) / other[j];
            }
            var pivot = row[i] - TensorPrimitives.SumOfSquares<double>(row[..i]);
            if (!(pivot > 0)) throw new ArithmeticException($"The matrix is not positive definite: pivot {i} is {pivot}.");
            row[i] = Math.Sqrt(pivot);
            right[i] = (right[i] - TensorPrimitives.Dot<double>(row[..i], right[..i])) / row[i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < n; j++) right[i] -= matrix[j * n + i] * right[j];
            right[i] /= matrix[i * n + i];
        }
    }
}
