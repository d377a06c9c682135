using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway;

/// <summary>The settings can't be used.</summary>
/// <param name="faults">What is wrong with them, a sentence each.</param>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>What is wrong with them, a sentence each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>Sections of the settings that are bound to classes and validated at start, all faults at once.</summary>
public static class Settings
{
    private const string ForwardedHeaders = "ForwardedHeaders_Enabled";

    /// <summary>Binds a section and adds it to the validation.</summary>
    /// <typeparam name="T">The class that the section is bound to; its annotations are the rules.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="section">The section's name.</param>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton(new SettingsSection(
            section, [.. typeof(T).GetProperties().Select(property => property.Name)]));
        services.AddSingleton(new Check(provider =>
        {
            // A value of the wrong type would end the binding at the first one, in the binder's words.
            var faults =
                SettingsValues.Validate(provider.GetRequiredService<IConfiguration>().GetSection(section), typeof(T));
            return faults.Count > 0 ? faults : Read(() => provider.GetRequiredService<IOptions<T>>().Value);
        }));
        services.AddSingleton<IValidateOptions<T>>(
            provider => new SectionRules<T>(provider.GetRequiredService<IConfiguration>(), section));
        return services.AddOptions<T>().BindConfiguration(section);
    }

    /// <summary>Adds options that others bind to the validation.</summary>
    /// <typeparam name="T">The options.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">Their name.</param>
    public static void CheckSettings<T>(this IServiceCollection services, string name)
        where T : class =>
        services.AddSingleton(new Check(
            provider => Read(() => provider.GetRequiredService<IOptionsMonitor<T>>().Get(name))));

    /// <summary>Validates every section.</summary>
    /// <param name="provider">The services.</param>
    /// <exception cref="SettingsException">Something is wrong; it has all of it.</exception>
    public static void Validate(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        List<string> faults =
        [
            .. provider.GetServices<Check>().SelectMany(check => check.Faults(provider)),
            .. SettingsNames.Unknown(configuration, [.. provider.GetServices<SettingsSection>()]),
        ];
        if (string.Equals(configuration[ForwardedHeaders], "true", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED believes X-Forwarded-For from anyone: name the proxies in Gateway:KnownProxies instead.");
        }

        if (faults.Count > 0)
        {
            throw new SettingsException([.. faults.Distinct()]);
        }
    }

    private static IReadOnlyList<string> Read(Func<object> read)
    {
        try
        {
            _ = read();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
        catch (InvalidOperationException exception)
        {
            // The binder's word for a value of the wrong type in options that are not ours.
            return [exception.Message];
        }
    }

    private sealed record Check(Func<IServiceProvider, IReadOnlyList<string>> Faults);

    /// <summary>
    /// The annotations of the class, and no keys but its properties: a mistyped key would be a setting that silently
    /// does nothing.
    /// </summary>
    private sealed class SectionRules<T>(IConfiguration configuration, string section) : IValidateOptions<T>
        where T : class
    {
        private const string Subject = "The field ";

        public ValidateOptionsResult Validate(string? name, T options)
        {
            var known = typeof(T)
                .GetProperties()
                .Select(property => property.Name)
                .Order(StringComparer.Ordinal)
                .ToList();
            var unknown = configuration.GetSection(section)
                .GetChildren()
                .Select(child => child.Key)
                .Except(known, StringComparer.OrdinalIgnoreCase);
            var broken = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), broken, validateAllProperties: true);
            var faults = unknown.Select(
                key => $"{section}:{key} is no setting. {section} has {string.Join(", ", known)}.")
                .Concat(broken.Select(Describe))
                .ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }

        private string Describe(ValidationResult fault) =>
            !fault.MemberNames.Any() ? fault.ErrorMessage!
            : fault.ErrorMessage!.StartsWith(
                Subject, StringComparison.Ordinal) ? $"{section}:{fault.ErrorMessage[Subject.Length..]}"
            : $"{section}: {fault.ErrorMessage}";
    }
}

/// <summary>A section of the settings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Keys">Its keys.</param>
internal sealed record SettingsSection(string Name, IReadOnlyList<string> Keys);
