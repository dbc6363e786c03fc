package compose

import (
	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/satisfy"
)

type (
	// Diagnostic is one error or hint.
	Diagnostic = federation.Diagnostic
	// Location is a place in the SDL of one subgraph.
	Location = federation.Location
	// Code is the stable name of an error or hint.
	Code = federation.Code
)

// Codes of errors about the set of subgraphs.
const (
	InvalidSubgraphName                          = federation.InvalidSubgraphName
	TypeKindMismatch                        Code = "TYPE_KIND_MISMATCH"
	FieldTypeMismatch                       Code = "FIELD_TYPE_MISMATCH"
	FieldArgumentTypeMismatch               Code = "FIELD_ARGUMENT_TYPE_MISMATCH"
	FieldArgumentDefaultMismatch            Code = "FIELD_ARGUMENT_DEFAULT_MISMATCH"
	InputFieldDefaultMismatch               Code = "INPUT_FIELD_DEFAULT_MISMATCH"
	RequiredArgumentMissingInSomeSubgraph   Code = "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"
	RequiredInputFieldMissingInSomeSubgraph Code = "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"
	ExternalTypeMismatch                    Code = "EXTERNAL_TYPE_MISMATCH"
	ExternalArgumentMissing                 Code = "EXTERNAL_ARGUMENT_MISSING"
	ExternalArgumentTypeMismatch            Code = "EXTERNAL_ARGUMENT_TYPE_MISMATCH"
	ExternalArgumentDefaultMismatch         Code = "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH"
	ExternalMissingOnBase                   Code = "EXTERNAL_MISSING_ON_BASE"
	InvalidFieldSharing                     Code = "INVALID_FIELD_SHARING"
	EnumValueMismatch                       Code = "ENUM_VALUE_MISMATCH"
	EmptyMergedEnumType                     Code = "EMPTY_MERGED_ENUM_TYPE"
	EmptyMergedInputType                    Code = "EMPTY_MERGED_INPUT_TYPE"
	NoQueries                               Code = "NO_QUERIES"
	OverrideOnInterface                     Code = "OVERRIDE_ON_INTERFACE"
	OverrideFromSelfError                   Code = "OVERRIDE_FROM_SELF_ERROR"
	OverrideSourceHasOverride               Code = "OVERRIDE_SOURCE_HAS_OVERRIDE"
	OverrideCollisionWithAnotherDirective   Code = "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"
	OverrideLabelInvalid                    Code = "OVERRIDE_LABEL_INVALID"
	MergedDirectiveApplicationOnExternal    Code = "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"
	InterfaceKeyMissingImplementationType   Code = "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"
	InterfaceFieldNoImplem                  Code = "INTERFACE_FIELD_NO_IMPLEM"
	LinkImportNameMismatch                  Code = "LINK_IMPORT_NAME_MISMATCH"
	DirectiveCompositionError               Code = "DIRECTIVE_COMPOSITION_ERROR"
	MissingTransitiveAuthRequirements       Code = "MISSING_TRANSITIVE_AUTH_REQUIREMENTS"
	QueryRootTypeInaccessible               Code = "QUERY_ROOT_TYPE_INACCESSIBLE"
	OnlyInaccessibleChildren                Code = "ONLY_INACCESSIBLE_CHILDREN"
	DisallowedInaccessible                  Code = "DISALLOWED_INACCESSIBLE"
	RequiredInaccessible                    Code = "REQUIRED_INACCESSIBLE"
	ReferencedInaccessible                  Code = "REFERENCED_INACCESSIBLE"
	ImplementedByInaccessible               Code = "IMPLEMENTED_BY_INACCESSIBLE"
	DefaultValueUsesInaccessible            Code = "DEFAULT_VALUE_USES_INACCESSIBLE"
	InterfaceObjectUsageError                    = federation.InterfaceObjectUsageError
	CostAppliedToInterfaceField                  = federation.CostAppliedToInterfaceField
	SatisfiabilityError                     Code = satisfy.CodeUnsatisfiable
	ShareableHasMismatchedRuntimeTypes      Code = satisfy.CodeMismatchedRuntime
	MaxValidationSubgraphPathsExceeded      Code = satisfy.CodeBudget
	ExtensionWithNoBase                          = federation.ExtensionWithNoBase
)

// Codes of hints.
const (
	InconsistentDescription                     Code = "INCONSISTENT_DESCRIPTION"
	InconsistentButCompatibleFieldType          Code = "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"
	InconsistentButCompatibleArgumentType       Code = "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE"
	InconsistentInputObjectField                Code = "INCONSISTENT_INPUT_OBJECT_FIELD"
	InconsistentArgumentPresence                Code = "INCONSISTENT_ARGUMENT_PRESENCE"
	InconsistentEnumValueForInputEnum           Code = "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM"
	InconsistentEnumValueForOutputEnum          Code = "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM"
	InconsistentNonRepeatableDirectiveArguments Code = "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"
	MergedNonRepeatableDirectiveArguments       Code = "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"
	ContextualArgumentNotContextual             Code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
	InconsistentExecutableDirectivePresence     Code = "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE"
	InconsistentExecutableDirectiveLocations    Code = "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"
	InconsistentExecutableDirectiveRepeatable   Code = "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE"
	NoExecutableDirectiveIntersection           Code = "NO_EXECUTABLE_DIRECTIVE_INTERSECTION"
	FromSubgraphDoesNotExist                    Code = "FROM_SUBGRAPH_DOES_NOT_EXIST"
	OverrideDirectiveCanBeRemoved               Code = "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED"
	OverriddenFieldCanBeRemoved                 Code = "OVERRIDDEN_FIELD_CAN_BE_REMOVED"
	OverrideMigrationInProgress                 Code = "OVERRIDE_MIGRATION_IN_PROGRESS"
	DirectiveCompositionWarn                    Code = "DIRECTIVE_COMPOSITION_WARN"
	DirectiveCompositionInfo                    Code = "DIRECTIVE_COMPOSITION_INFO"
	InconsistentEntity                          Code = "INCONSISTENT_ENTITY"
	InconsistentObjectValueTypeField            Code = "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD"
	InconsistentInterfaceValueTypeField         Code = "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD"
	InconsistentUnionMember                     Code = "INCONSISTENT_UNION_MEMBER"
	InconsistentRuntimeTypesForShareableReturn  Code = satisfy.HintRuntime
	InconsistentDefaultValuePresence            Code = "INCONSISTENT_DEFAULT_VALUE_PRESENCE"
	ImplicitlyUpgradedFederationVersion         Code = "IMPLICITLY_UPGRADED_FEDERATION_VERSION"
	UnusedEnumType                              Code = "UNUSED_ENUM_TYPE"
)
