using System.Collections;
using System.Globalization;
using Microsoft.CodeAnalysis.CSharp.Scripting.Hosting;

namespace Media.Kernel.Display;

/// <summary>A value as plain text: whole as a cell's result, or short in a table's cell. Invariant culture, times in UTC.</summary>
internal static class PlainText
{
    /// <summary>Items shown of a sequence that is computed while it is read, and may have no end.</summary>
    private const int MostItems = 100;

    public static string Of(object? value)
    {
        try
        {
            return value switch
            {
                null => "null",
                string text => text,
                IEnumerable sequence when !IsCounted(sequence) && !HasText(sequence) => FirstItems(sequence),
                DateTimeOffset or DateTime or DateOnly => Short(value),
                // Types that say themselves how they look, say it without brackets around it; numbers are told in full.
                not (ValueType and IConvertible) when HasText(value) => value.ToString() ?? "",
                _ => CSharpObjectFormatter.Instance.FormatObject(value),
            };
        }
        catch (Exception fault)
        {
            // The value's own ToString or enumerator failed: that is what there is to show.
            return $"{value?.GetType()} ({fault.GetType().Name} while it was to be shown: {fault.Message})";
        }
    }

    /// <summary>For one cell of a table.</summary>
    public static string Short(object? value) => value switch
    {
        null => "",
        string text => text,
        double number => Number(number),
        float number => Number(number),
        DateTimeOffset time => time.ToUniversalTime().ToString(time.Millisecond == 0 ? "yyyy-MM-dd HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => Of(value),
    };

    /// <summary>Four decimals, and five significant digits below 1 and where the number is very large.</summary>
    private static string Number(double value) => value.ToString(Math.Abs(value) is 0 or (>= 1 and < 1e15) ? "0.####" : "G5", CultureInfo.InvariantCulture);

    /// <summary>Whether it is all there already, and so may be read without cost.</summary>
    private static bool IsCounted(IEnumerable sequence) =>
        sequence is ICollection || sequence.GetType().GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>));

    private static bool HasText(object value) => value.GetType().GetMethod("ToString", Type.EmptyTypes)?.DeclaringType != typeof(object);

    private static string FirstItems(IEnumerable sequence)
    {
        var items = new List<string>();
        foreach (var item in sequence)
        {
            if (items.Count == MostItems)
            {
                items.Add("…");
                break;
            }
            items.Add(CSharpObjectFormatter.Instance.FormatObject(item));
        }
        return $"[{string.Join(", ", items)}]";
    }
}
