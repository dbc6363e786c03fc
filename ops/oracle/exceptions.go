package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/starlinghq/starling/ops/oracle/judge"
)

// exceptions are the differences that are accepted. Each is a decision: ours is right, or the judge's answer is no answer.
func exceptions() []exceptionRule {
	return []exceptionRule{
		{
			"the judge breaks down (a stack overflow, or a supergraph that it cannot read itself) where we answer",
			func(d difference, theirs *judge.Verdict) bool {
				return d.kind == "false acceptance" && broke(theirs, "Unexpected error extracting subgraph", "Maximum call stack", "exactly one vertex", "Should not have been called for")
			},
		},
		{
			"the judge takes a value for checked where only another path to it provides a field (@provides); no router can answer the query",
			func(d difference, _ *judge.Verdict) bool {
				return d.kind == "false refusal" && strings.Contains(d.input, "@provides") && onlyExternal(d.detail)
			},
		},
		{
			"@connect, an extension of one vendor, is refused by name",
			func(d difference, _ *judge.Verdict) bool {
				return connectLink.MatchString(d.input) && (d.kind == "false refusal" || d.kind == "codes") && strings.Contains(d.detail, "UNSUPPORTED_LINKED_FEATURE [")
			},
		},
		{
			"a subgraph that defines a scalar GraphQL has already (scalar Int) may have default values of it; the judge takes it for another scalar " +
				"that no value fits, but only in some places",
			func(d difference, _ *judge.Verdict) bool {
				return d.kind == "false acceptance" && d.signature == "INVALID_GRAPHQL" && ownScalar.MatchString(d.input) && defaultValue.MatchString(d.input)
			},
		},
		{
			"a type with the name of a scalar that GraphQL has (type Boolean): ours says so; the judge finds fault with a default value of its own directives",
			func(d difference, _ *judge.Verdict) bool {
				return d.kind == "codes" && d.signature == "want INVALID_GRAPHQL got TYPE_KIND_MISMATCH" && scalarAsType.MatchString(d.input)
			},
		},
		{
			"a fragment in a field set on a type that the subgraph does not have: ours says so; the judge reads on as if there were no condition, " +
				"and its supergraph names a type that does not exist",
			func(d difference, _ *judge.Verdict) bool {
				return (d.kind == "false refusal" || d.kind == "codes") && unknownCondition.MatchString(d.detail)
			},
		},
		{
			"the cost feature linked on its own in one subgraph names @listSize otherwise than federation does in another: ours says that; the judge " +
				"finds an unknown directive in its own supergraph",
			func(d difference, _ *judge.Verdict) bool {
				return d.kind == "codes" && d.signature == "want INVALID_GRAPHQL got LINK_IMPORT_NAME_MISMATCH" && strings.Contains(d.detail, `Unknown directive "@cost__listSize"`)
			},
		},
		{
			"an extension of another kind than the type (extend interface of a type): GraphQL has no such thing, ours says so; the judge lets it pass",
			func(d difference, _ *judge.Verdict) bool {
				return (d.kind == "false refusal" || d.kind == "codes") && otherKind.MatchString(d.detail)
			},
		},
		{
			"@oneOf on input types: the API schema keeps it, as clients must know it; the judge's leaves out what a subgraph defines itself",
			func(d difference, _ *judge.Verdict) bool { return d.kind == "api" && onlyOneOf(d.detail) },
		},
		{
			"graphql-js prints default values coerced to their types, with the defaults of input fields, and leaves out those that do not fit",
			func(d difference, _ *judge.Verdict) bool { return d.kind == "api" && onlyDefaults(d.detail) },
		},
	}
}

type exceptionRule struct {
	reason  string
	applies func(d difference, theirs *judge.Verdict) bool
}

// exception returns the reason for which a difference is accepted, empty if it is not.
func exception(d difference, theirs *judge.Verdict) string {
	for _, e := range exceptions() {
		if e.applies(d, theirs) {
			return e.reason
		}
	}
	return ""
}

// broke says whether the judge threw an error of its own making.
func broke(theirs *judge.Verdict, messages ...string) bool {
	return slices.ContainsFunc(theirs.Errors, func(f judge.Finding) bool {
		return f.Code == "THROWN" && slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(f.Message, m) })
	})
}

// onlyExternal says whether each of our errors is about a field that a subgraph has as @external, out of reach.
func onlyExternal(detail string) bool {
	errors := strings.Count(detail, "SATISFIABILITY_ERROR [")
	return errors > 0 && errors <= strings.Count(detail, "only as @external")
}

var (
	connectLink      = regexp.MustCompile(`@link\(url: "https://specs\.apollo\.dev/connect/`)
	ownScalar        = regexp.MustCompile(`(?m)^\s*scalar (Int|Float|Boolean|ID)\b`)
	scalarAsType     = regexp.MustCompile(`(?m)^\s*(type|interface|union|enum|input) (Int|Float|Boolean|String|ID)\b`)
	unknownCondition = regexp.MustCompile(`\w+_INVALID_FIELDS \[[^\n]*: unknown type "\w+"\.`)
	otherKind        = regexp.MustCompile(`INVALID_GRAPHQL \[[^\n]* but extended as `)
	defaultValue     = regexp.MustCompile(`: [\w\[\]!]+ = \S`)
)

var oneOfLine = regexp.MustCompile(`^\+ \w+ @oneOf\(\)$`)

// onlyOneOf says whether all lines of a difference are an @oneOf that our API schema has.
func onlyOneOf(detail string) bool {
	for l := range strings.Lines(detail) {
		if !oneOfLine.MatchString(strings.TrimSuffix(l, "\n")) {
			return false
		}
	}
	return true
}

var defaultLine = regexp.MustCompile(`^[+-] \S+ = `)

// onlyDefaults says whether all lines of a difference are default values of arguments and input fields.
func onlyDefaults(detail string) bool {
	for l := range strings.Lines(detail) {
		if !defaultLine.MatchString(l) {
			return false
		}
	}
	return true
}

// mustArise are the codes and hints that a run must bring about: all but UNSUPPORTED_LINKED_FEATURE, which only ours has, and
// MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED, for which a graph must be huge.
func mustArise() []string {
	return strings.Fields(codesAndHints)
}

const codesAndHints = `
AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE CONTEXT_INVALID_SELECTION CONTEXT_NAME_INVALID CONTEXT_NOT_SET CONTEXT_NO_RESOLVABLE_KEY
COST_APPLIED_TO_INTERFACE_FIELD DEFAULT_VALUE_USES_INACCESSIBLE DIRECTIVE_COMPOSITION_ERROR DIRECTIVE_DEFINITION_INVALID DISALLOWED_INACCESSIBLE
EMPTY_MERGED_ENUM_TYPE EMPTY_MERGED_INPUT_TYPE ENUM_VALUE_MISMATCH EXTENSION_WITH_NO_BASE EXTERNAL_ARGUMENT_DEFAULT_MISMATCH
EXTERNAL_ARGUMENT_MISSING EXTERNAL_ARGUMENT_TYPE_MISMATCH EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE EXTERNAL_MISSING_ON_BASE
EXTERNAL_ON_INTERFACE EXTERNAL_TYPE_MISMATCH EXTERNAL_UNUSED FIELD_ARGUMENT_DEFAULT_MISMATCH FIELD_ARGUMENT_TYPE_MISMATCH
FIELD_TYPE_MISMATCH IMPLEMENTED_BY_INACCESSIBLE INPUT_FIELD_DEFAULT_MISMATCH INTERFACE_FIELD_NO_IMPLEM
INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE INTERFACE_KEY_NOT_ON_IMPLEMENTATION INTERFACE_OBJECT_USAGE_ERROR INVALID_FIELD_SHARING
INVALID_GRAPHQL INVALID_LINK_DIRECTIVE_USAGE INVALID_LINK_IDENTIFIER INVALID_SHAREABLE_USAGE INVALID_SUBGRAPH_NAME
KEY_DIRECTIVE_IN_FIELDS_ARG KEY_FIELDS_HAS_ARGS KEY_FIELDS_SELECT_INVALID_TYPE KEY_INVALID_FIELDS KEY_INVALID_FIELDS_TYPE
KEY_UNSUPPORTED_ON_INTERFACE LINK_IMPORT_NAME_MISMATCH LIST_SIZE_APPLIED_TO_NON_LIST LIST_SIZE_INVALID_ASSUMED_SIZE
LIST_SIZE_INVALID_SIZED_FIELD LIST_SIZE_INVALID_SLICING_ARGUMENT MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL
MISSING_TRANSITIVE_AUTH_REQUIREMENTS NO_CONTEXT_IN_SELECTION NO_QUERIES ONLY_INACCESSIBLE_CHILDREN OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE
OVERRIDE_FROM_SELF_ERROR OVERRIDE_LABEL_INVALID OVERRIDE_ON_INTERFACE OVERRIDE_SOURCE_HAS_OVERRIDE PROVIDES_DIRECTIVE_IN_FIELDS_ARG
PROVIDES_FIELDS_HAS_ARGS PROVIDES_FIELDS_MISSING_EXTERNAL PROVIDES_INVALID_FIELDS PROVIDES_INVALID_FIELDS_TYPE PROVIDES_ON_NON_OBJECT_FIELD
PROVIDES_UNSUPPORTED_ON_INTERFACE QUERY_ROOT_TYPE_INACCESSIBLE REFERENCED_INACCESSIBLE REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH
REQUIRED_INACCESSIBLE REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH REQUIRES_DIRECTIVE_IN_FIELDS_ARG REQUIRES_FIELDS_MISSING_EXTERNAL
REQUIRES_INVALID_FIELDS REQUIRES_INVALID_FIELDS_TYPE REQUIRES_UNSUPPORTED_ON_INTERFACE ROOT_MUTATION_USED ROOT_QUERY_USED
ROOT_SUBSCRIPTION_USED SATISFIABILITY_ERROR SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES TYPE_DEFINITION_INVALID TYPE_KIND_MISMATCH
TYPE_WITH_ONLY_UNUSED_EXTERNAL UNKNOWN_FEDERATION_LINK_VERSION UNKNOWN_LINK_VERSION

CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS DIRECTIVE_COMPOSITION_INFO DIRECTIVE_COMPOSITION_WARN FROM_SUBGRAPH_DOES_NOT_EXIST
IMPLICITLY_UPGRADED_FEDERATION_VERSION INCONSISTENT_ARGUMENT_PRESENCE INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE
INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE INCONSISTENT_DEFAULT_VALUE_PRESENCE INCONSISTENT_DESCRIPTION INCONSISTENT_ENTITY
INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS
INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE INCONSISTENT_INPUT_OBJECT_FIELD
INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS INCONSISTENT_OBJECT_VALUE_TYPE_FIELD
INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN INCONSISTENT_UNION_MEMBER MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS
NO_EXECUTABLE_DIRECTIVE_INTERSECTION OVERRIDDEN_FIELD_CAN_BE_REMOVED OVERRIDE_DIRECTIVE_CAN_BE_REMOVED OVERRIDE_MIGRATION_IN_PROGRESS
UNUSED_ENUM_TYPE
`
