package federation

// Code is the stable name of an error or hint. The names are those of the
// public documentation of Apollo Federation, where it has them.
type Code string

// Codes of errors in one subgraph.
const (
	InvalidGraphQL               Code = "INVALID_GRAPHQL"
	InvalidLinkIdentifier        Code = "INVALID_LINK_IDENTIFIER"
	InvalidLinkDirectiveUsage    Code = "INVALID_LINK_DIRECTIVE_USAGE"
	UnknownLinkVersion           Code = "UNKNOWN_LINK_VERSION"
	UnknownFederationLinkVersion Code = "UNKNOWN_FEDERATION_LINK_VERSION"
	DirectiveDefinitionInvalid   Code = "DIRECTIVE_DEFINITION_INVALID"
	TypeDefinitionInvalid        Code = "TYPE_DEFINITION_INVALID"
	RootQueryUsed                Code = "ROOT_QUERY_USED"
	RootMutationUsed             Code = "ROOT_MUTATION_USED"
	RootSubscriptionUsed         Code = "ROOT_SUBSCRIPTION_USED"

	KeyFieldsHasArgs                   Code = "KEY_FIELDS_HAS_ARGS"
	KeyFieldsSelectInvalidType         Code = "KEY_FIELDS_SELECT_INVALID_TYPE"
	KeyInvalidFields                   Code = "KEY_INVALID_FIELDS"
	KeyInvalidFieldsType               Code = "KEY_INVALID_FIELDS_TYPE"
	KeyDirectiveInFieldsArg            Code = "KEY_DIRECTIVE_IN_FIELDS_ARG"
	KeyUnsupportedOnInterface          Code = "KEY_UNSUPPORTED_ON_INTERFACE"
	RequiresInvalidFields              Code = "REQUIRES_INVALID_FIELDS"
	RequiresInvalidFieldsType          Code = "REQUIRES_INVALID_FIELDS_TYPE"
	RequiresDirectiveInFieldsArg       Code = "REQUIRES_DIRECTIVE_IN_FIELDS_ARG"
	RequiresFieldsMissingExternal      Code = "REQUIRES_FIELDS_MISSING_EXTERNAL"
	RequiresUnsupportedOnInterface     Code = "REQUIRES_UNSUPPORTED_ON_INTERFACE"
	ProvidesFieldsHasArgs              Code = "PROVIDES_FIELDS_HAS_ARGS"
	ProvidesInvalidFields              Code = "PROVIDES_INVALID_FIELDS"
	ProvidesInvalidFieldsType          Code = "PROVIDES_INVALID_FIELDS_TYPE"
	ProvidesDirectiveInFieldsArg       Code = "PROVIDES_DIRECTIVE_IN_FIELDS_ARG"
	ProvidesFieldsMissingExternal      Code = "PROVIDES_FIELDS_MISSING_EXTERNAL"
	ProvidesOnNonObjectField           Code = "PROVIDES_ON_NON_OBJECT_FIELD"
	ProvidesUnsupportedOnInterface     Code = "PROVIDES_UNSUPPORTED_ON_INTERFACE"
	ExternalUnused                     Code = "EXTERNAL_UNUSED"
	ExternalOnInterface                Code = "EXTERNAL_ON_INTERFACE"
	InterfaceKeyNotOnImplementation    Code = "INTERFACE_KEY_NOT_ON_IMPLEMENTATION"
	InterfaceObjectUsageError          Code = "INTERFACE_OBJECT_USAGE_ERROR"
	InvalidShareableUsage              Code = "INVALID_SHAREABLE_USAGE"
	AuthRequirementsAppliedOnInterface Code = "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"
	CostAppliedToInterfaceField        Code = "COST_APPLIED_TO_INTERFACE_FIELD"
	ListSizeAppliedToNonList           Code = "LIST_SIZE_APPLIED_TO_NON_LIST"
	ListSizeInvalidAssumedSize         Code = "LIST_SIZE_INVALID_ASSUMED_SIZE"
	ListSizeInvalidSlicingArgument     Code = "LIST_SIZE_INVALID_SLICING_ARGUMENT"
	ListSizeInvalidSizedField          Code = "LIST_SIZE_INVALID_SIZED_FIELD"
	ContextNameInvalid                 Code = "CONTEXT_NAME_INVALID"
	ContextNotSet                      Code = "CONTEXT_NOT_SET"
	ContextNoResolvableKey             Code = "CONTEXT_NO_RESOLVABLE_KEY"
	ContextInvalidSelection            Code = "CONTEXT_INVALID_SELECTION"
	NoContextInSelection               Code = "NO_CONTEXT_IN_SELECTION"
)
