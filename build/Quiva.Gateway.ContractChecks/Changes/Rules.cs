using static Quiva.Gateway.ContractChecks.Changes.Level;

namespace Quiva.Gateway.ContractChecks.Changes;

/// <summary>
/// Every rule of the breaking-change gate; ids and levels stand here and nowhere else. Ids are those of oasdiff
/// (https://github.com/oasdiff/oasdiff) where it has the same rule; openapi/README.md tells where levels differ, and
/// why.
/// </summary>
internal static class Rules
{
    // Static members are made in the order of the text: these lists have to be first.
    private static readonly List<Rule> Plain = [];
    private static readonly List<SchemaRule> OfSchemas = [];

    // Paths and operations.
    public static readonly Rule PathRemoved =
        Is("api-path-removed-without-deprecation", Breaking, "A path with all its operations is gone.");
    public static readonly Rule OperationRemoved =
        Is("api-removed-without-deprecation", Breaking, "An operation is gone.");
    public static readonly Rule DeprecatedOperationRemoved =
        Is("api-removed-with-deprecation", Warning, "An operation is gone that was deprecated.");
    public static readonly Rule OperationAdded = Is("endpoint-added", Info, "An operation is new.");
    public static readonly Rule OperationDeprecated =
        Is("endpoint-deprecated", Info, "An operation is deprecated now.");
    public static readonly Rule OperationReactivated =
        Is("endpoint-reactivated", Info, "An operation is no longer deprecated.");
    public static readonly Rule OperationIdChanged = Is(
        "api-operation-id-removed",
        Warning,
        "An operation has another operationId or none, so generated clients name it anew.");

    // Where it is, and what is not judged.
    public static readonly Rule ServerRemoved =
        Is("server-removed", Breaking, "The API is no longer reached at a URL.");
    public static readonly Rule ServerAdded = Is("server-added", Info, "The API is reached at a further URL.");
    public static readonly Rule ServerVariablesChanged =
        Is("server-variables-changed", Warning, "The variables of a server's URL have changed.");
    public static readonly Rule NotCompared = Is(
        "not-compared-changed",
        Warning,
        "Callbacks, links, webhooks or the encoding of a body, which are not judged, say something else.");

    // Who may call.
    public static readonly Rule SecurityAlternativeRemoved =
        Is("api-security-removed", Breaking, "Credentials that were accepted no longer are.");
    public static readonly Rule SecurityAlternativeAdded =
        Is("api-security-added", Info, "Other credentials are accepted too.");
    public static readonly Rule ScopeAdded =
        Is("api-security-scope-added", Breaking, "Credentials need a further scope.");
    public static readonly Rule ScopeRemoved = Is("api-security-scope-removed", Info, "Credentials need a scope less.");
    public static readonly Rule BecameSecured =
        Is("api-became-secured", Breaking, "An operation that was open asks for credentials.");
    public static readonly Rule BecameOpen =
        Is("api-became-open", Info, "An operation no longer asks for credentials.");
    public static readonly Rule SchemeAdded = Is("api-security-component-added", Info, "A security scheme is new.");
    public static readonly Rule SchemeRemoved = Is(
        "api-security-component-removed",
        Info,
        "A security scheme is gone; where it was used, api-security-removed says so.");
    public static readonly Rule SchemeChanged = Is(
        "api-security-component-type-changed",
        Breaking,
        "A security scheme is of another kind, or expects its credentials elsewhere.");
    public static readonly Rule SchemeUrlChanged =
        Is("api-security-component-oauth-url-changed", Warning, "Tokens come from another address.");
    public static readonly Rule SchemeScopeAdded =
        Is("api-security-component-oauth-scope-added", Info, "A scope is new.");
    public static readonly Rule SchemeScopeRemoved =
        Is("api-security-component-oauth-scope-removed", Warning, "A scope can no longer be asked for.");
    public static readonly Rule RolesSet =
        Is("x-roles-set", Breaking, "An operation that took any credentials asks for a role.");
    public static readonly Rule RolesUnset = Is("x-roles-unset", Info, "An operation no longer asks for a role.");
    public static readonly Rule RoleRemoved =
        Is("x-roles-role-removed", Breaking, "A role may no longer call an operation.");
    public static readonly Rule RoleAdded = Is("x-roles-role-added", Info, "A further role may call an operation.");

    // Parameters.
    public static readonly Rule RequiredParameterAdded =
        Is("new-required-request-parameter", Breaking, "A parameter is new, and required.");
    public static readonly Rule OptionalParameterAdded =
        Is("new-optional-request-parameter", Info, "A parameter is new.");
    public static readonly Rule ParameterRemoved = Is("request-parameter-removed", Warning, "A parameter is gone.");
    public static readonly Rule ParameterBecameRequired =
        Is("request-parameter-became-required", Breaking, "A parameter has to be sent.");
    public static readonly Rule ParameterBecameOptional =
        Is("request-parameter-became-optional", Info, "A parameter may be left out.");
    public static readonly Rule ParameterMoved = Is(
        "request-parameter-location-changed",
        Breaking,
        "A parameter is sent elsewhere: in the query, in a header, in a cookie.");
    public static readonly Rule ParameterStyleChanged =
        Is("request-parameter-style-changed", Breaking, "A parameter's value is written differently.");

    // Bodies of requests.
    public static readonly Rule RequiredBodyAdded =
        Is("request-body-added-required", Breaking, "A body has to be sent where there was none.");
    public static readonly Rule OptionalBodyAdded =
        Is("request-body-added-optional", Info, "A body may be sent where there was none.");
    public static readonly Rule BodyRemoved = Is("request-body-removed", Breaking, "A body is no longer accepted.");
    public static readonly Rule BodyBecameRequired =
        Is("request-body-became-required", Breaking, "The body has to be sent.");
    public static readonly Rule BodyBecameOptional =
        Is("request-body-became-optional", Info, "The body may be left out.");
    public static readonly Rule RequestMediaTypeAdded =
        Is("request-body-media-type-added", Info, "The body may be sent as a further media type.");
    public static readonly Rule RequestMediaTypeRemoved =
        Is("request-body-media-type-removed", Breaking, "A media type of the body is no longer accepted.");
    public static readonly Rule BodyLimitSet =
        Is("x-max-body-bytes-set", Breaking, "The size of the body has a limit where none was told.");
    public static readonly Rule BodyLimitUnset =
        Is("x-max-body-bytes-unset", Info, "The limit of the body's size is gone.");
    public static readonly Rule BodyLimitIncreased = Is("x-max-body-bytes-increased", Info, "The body may be larger.");
    public static readonly Rule BodyLimitDecreased =
        Is("x-max-body-bytes-decreased", Breaking, "The body has to be smaller.");

    // Answers.
    public static readonly Rule SuccessRemoved =
        Is("response-success-status-removed", Breaking, "A status of success is gone.");
    public static readonly Rule SuccessAdded = Is("response-success-status-added", Info, "A status of success is new.");
    public static readonly Rule OtherStatusRemoved =
        Is("response-non-success-status-removed", Info, "A status that is no success is gone.");
    public static readonly Rule OtherStatusAdded =
        Is("response-non-success-status-added", Info, "A status that is no success is new.");
    public static readonly Rule ResponseMediaTypeRemoved =
        Is("response-media-type-removed", Breaking, "The body no longer comes as a media type.");
    public static readonly Rule ResponseMediaTypeAdded =
        Is("response-media-type-added", Info, "The body can come as a further media type.");
    public static readonly Rule RequiredHeaderRemoved =
        Is("required-response-header-removed", Breaking, "A header is gone that was always there.");
    public static readonly Rule OptionalHeaderRemoved =
        Is("optional-response-header-removed", Warning, "A header is gone that could be left out.");
    public static readonly Rule HeaderAdded = Is("response-header-added", Info, "A header is new.");
    public static readonly Rule HeaderBecameOptional =
        Is("response-header-became-optional", Breaking, "A header may be left out that was always there.");
    public static readonly Rule HeaderBecameRequired =
        Is("response-header-became-required", Info, "A header is always there that could be left out.");

    // Properties of what callers send; readOnly ones are no part of it.
    public static readonly Rule RequiredRequestPropertyAdded =
        Is("new-required-request-property", Breaking, "A property is new, and required.");
    public static readonly Rule OptionalRequestPropertyAdded =
        Is("new-optional-request-property", Info, "A property is new.");
    public static readonly Rule RequestPropertyRemoved =
        Is("request-property-removed", Warning, "A property is gone; sending it has no effect, or is refused.");
    public static readonly Rule RequestPropertyForbidden =
        Is("request-property-forbidden", Breaking, "A property is gone, and additionalProperties forbids to send it.");
    public static readonly Rule RequestPropertyBecameRequired =
        Is("request-property-became-required", Breaking, "A property has to be sent.");
    public static readonly Rule RequestPropertyBecameOptional =
        Is("request-property-became-optional", Info, "A property may be left out.");
    public static readonly Rule RequiredPropertyBecameReadOnly = Is(
        "request-required-property-became-read-only", Warning, "A required property is no longer taken from callers.");
    public static readonly Rule OptionalPropertyBecameReadOnly =
        Is("request-optional-property-became-read-only", Warning, "A property is no longer taken from callers.");
    public static readonly Rule RequiredPropertyBecameNotReadOnly = Is(
        "request-required-property-became-not-read-only", Breaking, "A property that only answers had has to be sent.");
    public static readonly Rule OptionalPropertyBecameNotReadOnly =
        Is("request-optional-property-became-not-read-only", Info, "A property that only answers had may be sent.");

    // Properties of what callers receive; writeOnly ones are no part of it.
    public static readonly Rule RequiredResponsePropertyRemoved =
        Is("response-required-property-removed", Breaking, "A property is gone that was always there.");
    public static readonly Rule OptionalResponsePropertyRemoved =
        Is("response-optional-property-removed", Warning, "A property is gone that could be left out.");
    public static readonly Rule RequiredResponsePropertyAdded =
        Is("response-required-property-added", Info, "A property is new, and always there.");
    public static readonly Rule OptionalResponsePropertyAdded =
        Is("response-optional-property-added", Info, "A property is new.");
    public static readonly Rule ResponsePropertyBecameOptional =
        Is("response-property-became-optional", Breaking, "A property may be left out that was always there.");
    public static readonly Rule ResponsePropertyBecameRequired =
        Is("response-property-became-required", Info, "A property is always there that could be left out.");
    public static readonly Rule RequiredPropertyBecameWriteOnly = Is(
        "response-required-property-became-write-only",
        Breaking,
        "A property no longer comes back that was always there.");
    public static readonly Rule OptionalPropertyBecameWriteOnly = Is(
        "response-optional-property-became-write-only",
        Warning,
        "A property no longer comes back that could be left out.");
    public static readonly Rule RequiredPropertyBecameNotWriteOnly = Is(
        "response-required-property-became-not-write-only", Info, "A property that was only sent always comes back.");
    public static readonly Rule OptionalPropertyBecameNotWriteOnly =
        Is("response-optional-property-became-not-write-only", Info, "A property that was only sent can come back.");

    // Schemas, wherever they are used: what narrows breaks those who send, what widens breaks those who receive.
    public static readonly SchemaRule TypeChanged =
        Of("type-changed", Breaking, Breaking, "Values are of another type or format.");
    public static readonly SchemaRule TypeGeneralized = Of(
        "type-generalized",
        Info,
        Breaking,
        "Values may be of a wider type or format, such as number instead of integer.");
    public static readonly SchemaRule TypeSpecialized = Of(
        "type-specialized",
        Breaking,
        Info,
        "Values are of a narrower type or format, such as integer instead of number.");
    public static readonly SchemaRule BecameNullable = Of("became-nullable", Info, Breaking, "The value can be null.");
    public static readonly SchemaRule BecameNotNullable =
        Of("became-not-nullable", Breaking, Info, "The value can't be null any more.");
    public static readonly SchemaRule BecameEnum = Of("became-enum", Breaking, Info, "Only listed values are left.");
    public static readonly SchemaRule BecameNotEnum =
        Of("became-not-enum", Info, Warning, "Values other than the listed ones are possible.");
    public static readonly SchemaRule EnumValueRemoved =
        Of("enum-value-removed", Breaking, Info, "Listed values are gone.");
    public static readonly SchemaRule EnumValueAdded = Of("enum-value-added", Info, Warning, "Listed values are new.");
    public static readonly SchemaRule PatternAdded =
        Of("pattern-added", Breaking, Info, "Text has to match a pattern.");
    public static readonly SchemaRule PatternRemoved =
        Of("pattern-removed", Info, Info, "Text need not match a pattern any more.");
    public static readonly SchemaRule PatternChanged =
        Of("pattern-changed", Breaking, Info, "Text has to match another pattern.");
    public static readonly SchemaRule MultipleNarrowed =
        Of("multiple-of-narrowed", Breaking, Info, "Fewer numbers are multiples of what multipleOf says.");
    public static readonly SchemaRule MultipleWidened =
        Of("multiple-of-widened", Info, Breaking, "More numbers are multiples of what multipleOf says.");
    public static readonly SchemaRule MultipleChanged =
        Of("multiple-of-changed", Breaking, Breaking, "Other numbers are multiples of what multipleOf says.");
    public static readonly SchemaRule UniqueItemsSet = Of("unique-items-set", Breaking, Info, "Items have to differ.");
    public static readonly SchemaRule UniqueItemsUnset =
        Of("unique-items-unset", Info, Breaking, "Items may be equal.");
    public static readonly SchemaRule DefaultAdded = Of("default-value-added", Warning, Info, "There is a default.");
    public static readonly SchemaRule DefaultRemoved =
        Of("default-value-removed", Warning, Info, "There is no default any more.");
    public static readonly SchemaRule DefaultChanged =
        Of("default-value-changed", Breaking, Info, "Leaving the value out means something else.");
    public static readonly SchemaRule Closed =
        Of("additional-properties-forbidden", Breaking, Info, "Properties that are not named are no longer allowed.");
    public static readonly SchemaRule Opened =
        Of("additional-properties-allowed", Info, Info, "Properties that are not named are possible.");
    public static readonly SchemaRule OneOfAdded =
        Of("one-of-added", Info, Breaking, "oneOf has a further alternative.");
    public static readonly SchemaRule OneOfRemoved =
        Of("one-of-removed", Breaking, Info, "oneOf has an alternative less.");
    public static readonly SchemaRule AnyOfAdded =
        Of("any-of-added", Info, Breaking, "anyOf has a further alternative.");
    public static readonly SchemaRule AnyOfRemoved =
        Of("any-of-removed", Breaking, Info, "anyOf has an alternative less.");
    public static readonly SchemaRule NotChanged =
        Of("not-changed", Warning, Warning, "What values must not be has changed.");
    public static readonly SchemaRule KeywordChanged = Of(
        "keyword-changed",
        Warning,
        Warning,
        "A keyword that is not judged, such as prefixItems or if, says something else.");
    public static readonly SchemaRule DiscriminatorAdded =
        Of("discriminator-added", Info, Info, "A property tells which alternative a value is.");
    public static readonly SchemaRule DiscriminatorRemoved =
        Of("discriminator-removed", Warning, Warning, "No property tells any more which alternative a value is.");
    public static readonly SchemaRule DiscriminatorRenamed = Of(
        "discriminator-property-name-changed",
        Breaking,
        Breaking,
        "Another property tells which alternative a value is.");
    public static readonly SchemaRule MappingAdded =
        Of("discriminator-mapping-added", Info, Info, "The discriminator has a further value.");
    public static readonly SchemaRule MappingRemoved =
        Of("discriminator-mapping-deleted", Breaking, Info, "The discriminator has a value less.");
    public static readonly SchemaRule MappingChanged =
        Of("discriminator-mapping-changed", Breaking, Breaking, "A value of the discriminator means another schema.");
    public static readonly SchemaRule Deprecated = Of("deprecated", Info, Info, "It is deprecated now.");
    public static readonly SchemaRule Reactivated = Of("reactivated", Info, Info, "It is no longer deprecated.");
    public static readonly BoundRules MaxLength = Upper("max-length", "the length of text");
    public static readonly BoundRules MinLength = Lower("min-length", "the length of text");
    public static readonly BoundRules Max = Upper("max", "a number");
    public static readonly BoundRules Min = Lower("min", "a number");
    public static readonly BoundRules MaxItems = Upper("max-items", "how many items there are");
    public static readonly BoundRules MinItems = Lower("min-items", "how many items there are");
    public static readonly BoundRules MaxProperties = Upper("max-properties", "how many properties there are");
    public static readonly BoundRules MinProperties = Lower("min-properties", "how many properties there are");

    /// <summary>The rules that are no family.</summary>
    public static IReadOnlyList<Rule> Single => Plain;

    /// <summary>The families of rules for schemas.</summary>
    public static IReadOnlyList<SchemaRule> Families => OfSchemas;

    /// <summary>Every rule by its id.</summary>
    public static IReadOnlyDictionary<string, Rule> ById { get; } =
        Plain.Concat(OfSchemas.SelectMany(family => family.Rules)).ToDictionary(rule => rule.Id);

    private static Rule Is(string id, Level level, string meaning)
    {
        var rule = new Rule(id, level, meaning);
        Plain.Add(rule);
        return rule;
    }

    private static SchemaRule Of(string change, Level request, Level response, string meaning)
    {
        var rule = new SchemaRule(change, request, response, meaning);
        OfSchemas.Add(rule);
        return rule;
    }

    private static BoundRules Upper(string name, string of) => new(
        Of($"{name}-set", Breaking, Info, $"There is an upper bound to {of}."),
        Of($"{name}-unset", Info, Breaking, $"There is no upper bound to {of} any more."),
        Of($"{name}-increased", Info, Breaking, $"The upper bound to {of} is higher."),
        Of($"{name}-decreased", Breaking, Info, $"The upper bound to {of} is lower."));

    private static BoundRules Lower(string name, string of) => new(
        Of($"{name}-set", Breaking, Info, $"There is a lower bound to {of}."),
        Of($"{name}-unset", Info, Breaking, $"There is no lower bound to {of} any more."),
        Of($"{name}-increased", Breaking, Info, $"The lower bound to {of} is higher."),
        Of($"{name}-decreased", Info, Breaking, $"The lower bound to {of} is lower."));
}
