using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Media;

/// <summary>Holds a record of options against the ranges in its attributes: the one way in which every folder does it, and so the one form of complaint.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static class Options
{
    /// <summary>One sentence per value outside its range: what was expected, what it is. Empty when all is well.</summary>
    public static IReadOnlyList<string> Faults(object options)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        return [.. faults.Select(fault => $"{fault.ErrorMessage}{Got(options, fault)}")];
    }

    /// <param name="others">Faults that no attribute can say, such as of two values together; null where there is none.</param>
    /// <exception cref="ArgumentException">One or more options are outside their range; the message lists them all.</exception>
    public static void Check(object options, params IEnumerable<string?> others)
    {
        List<string> faults = [.. Faults(options), .. others.OfType<string>()];
        if (faults.Count > 0) throw new ArgumentException($"{options.GetType().Name}: {string.Join(" ", faults)}", nameof(options));
    }

    private static string Got(object options, ValidationResult fault) =>
        fault.MemberNames.FirstOrDefault() is { } member && options.GetType().GetProperty(member) is { } property
            ? string.Create(CultureInfo.InvariantCulture, $" It is {property.GetValue(options) ?? "missing"}.")
            : "";
}
