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
)
