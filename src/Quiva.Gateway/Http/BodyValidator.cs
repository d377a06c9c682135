using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Validation;
using Microsoft.Extensions.Options;

namespace Quiva.Gateway.Http;

/// <summary>
/// MVC's validation, but that a body which keeps every constraint of the contract is let through by
/// <see cref="BodyRules"/>: only a body that is refused is looked at by MVC's visitor, which costs far more than
/// reading it.
/// </summary>
internal sealed class BodyValidator(IModelMetadataProvider metadata, IOptions<MvcOptions> options)
    : ObjectModelValidator(metadata, options.Value.ModelValidatorProviders)
{
    public override void Validate(
        ActionContext actionContext, ValidationStateDictionary? validationState, string? prefix, object? model, ModelMetadata metadata, object? container)
    {
        if (metadata.BindingSource == BindingSource.Body
            && model is not null
            && metadata.ValidatorMetadata.OfType<ValidationAttribute>().All(constraint => constraint.IsValid(model))
            && BodyRules.IsValid(model) == true)
        {
            return;
        }

        base.Validate(actionContext, validationState, prefix, model, metadata, container);
    }

    public override ValidationVisitor GetValidationVisitor(
        ActionContext actionContext,
        IModelValidatorProvider validatorProvider,
        ValidatorCache validatorCache,
        IModelMetadataProvider metadataProvider,
        ValidationStateDictionary? validationState) => new(
            actionContext, validatorProvider, validatorCache, metadataProvider, validationState)
        {
            MaxValidationDepth = options.Value.MaxValidationDepth,
            ValidateComplexTypesIfChildValidationFails = options.Value.ValidateComplexTypesIfChildValidationFails,
        };
}
