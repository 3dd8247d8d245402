using System.ComponentModel.DataAnnotations;

namespace Media.Bandit;

internal static class Options
{
    /// <exception cref="ArgumentException">One or more options are outside their range; the message lists them all.</exception>
    internal static void Check(object options)
    {
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
            throw new ArgumentException($"{options.GetType().Name}: {string.Join(" ", faults.Select(f => f.ErrorMessage))}", nameof(options));
    }
}
