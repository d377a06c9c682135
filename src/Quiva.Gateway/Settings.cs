using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway;

/// <summary>The settings can't be used.</summary>
/// <param name="faults">What is wrong with them, a sentence each.</param>
public sealed class SettingsException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>What is wrong with them, a sentence each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>Sections of the settings that are bound to classes and checked at start, all faults at once.</summary>
public static class Settings
{
    /// <summary>Binds a section and adds it to the check.</summary>
    /// <typeparam name="T">The class that the section is bound to; its annotations are the rules.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="section">The section's name.</param>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton(new Check(provider => _ = provider.GetRequiredService<IOptions<T>>().Value));
        services.AddSingleton<IValidateOptions<T>>(provider => new SectionRules<T>(provider.GetRequiredService<IConfiguration>(), section));
        return services.AddOptions<T>().BindConfiguration(section);
    }

    /// <summary>Adds options that others bind to the check.</summary>
    /// <typeparam name="T">The options.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">Their name.</param>
    public static void CheckSettings<T>(this IServiceCollection services, string name)
        where T : class =>
        services.AddSingleton(new Check(provider => provider.GetRequiredService<IOptionsMonitor<T>>().Get(name)));

    /// <summary>Checks every section.</summary>
    /// <param name="provider">The services.</param>
    /// <exception cref="SettingsException">Something is wrong; it says all of it.</exception>
    public static void Validate(IServiceProvider provider)
    {
        var faults = new List<string>();
        foreach (var check in provider.GetServices<Check>())
        {
            try
            {
                check.Read(provider);
            }
            catch (OptionsValidationException exception)
            {
                faults.AddRange(exception.Failures);
            }
            catch (InvalidOperationException exception)
            {
                // The binder's word for a value of the wrong type.
                faults.Add(exception.Message);
            }
        }

        if (faults.Count > 0)
        {
            throw new SettingsException([.. faults.Distinct()]);
        }
    }

    private sealed record Check(Action<IServiceProvider> Read);

    /// <summary>The annotations of the class, and no keys but its properties: a mistyped key would be a setting that silently does nothing.</summary>
    private sealed class SectionRules<T>(IConfiguration configuration, string section) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var known = typeof(T).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal).ToList();
            var unknown = configuration.GetSection(section).GetChildren().Select(child => child.Key).Except(known, StringComparer.OrdinalIgnoreCase);
            var broken = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), broken, validateAllProperties: true);
            var faults = unknown.Select(key => $"{section}:{key} is no setting. {section} has {string.Join(", ", known)}.")
                .Concat(broken.Select(fault => fault.MemberNames.Any() ? $"{section}: {fault.ErrorMessage}" : fault.ErrorMessage!))
                .ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
