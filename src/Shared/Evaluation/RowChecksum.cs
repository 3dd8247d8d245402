using System.Security.Cryptography;
using System.Text;

namespace Media.Evaluation;

/// <summary>Says in 16 characters which rows a figure was measured on: equal rows in equal order give equal text, in any language.</summary>
/// <remarks>The first 16 hexadecimal digits, lower case, of SHA-256 over the lines as UTF-8, each ended by a line feed.</remarks>
public static class RowChecksum
{
    public static string Of(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines) hash.AppendData(Encoding.UTF8.GetBytes($"{line}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
