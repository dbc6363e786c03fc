package router

import (
	"strings"
	"testing"
)

func TestIntrospection(t *testing.T) {
	r := social(t, newFakes(t))
	got := post(t, r, `query($n: String!, $d: Boolean) { __typename t: __type(name: $n) { __typename kind name inputFields(includeDeprecated: $d) { name defaultValue type { kind ofType { name } } isDeprecated } } none: __type(name: "Nope") { name } s: __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name isRepeatable } } }`, `{"n":"PostTweetInput"}`)
	wantData(t, got, `{"__typename":"Query","t":{"__typename":"__Type","kind":"INPUT_OBJECT","name":"PostTweetInput","inputFields":[`+
		`{"name":"text","defaultValue":null,"type":{"kind":"NON_NULL","ofType":{"name":"String"}},"isDeprecated":false},`+
		`{"name":"mood","defaultValue":"CALM","type":{"kind":"ENUM","ofType":null},"isDeprecated":false},`+
		`{"name":"tags","defaultValue":null,"type":{"kind":"LIST","ofType":{"name":null}},"isDeprecated":false}]},`+
		`"none":null,"s":{"queryType":{"name":"Query"},"mutationType":{"name":"Mutation"},"subscriptionType":null,"directives":[`+
		`{"name":"deprecated","isRepeatable":false},{"name":"include","isRepeatable":false},{"name":"oneOf","isRepeatable":false},{"name":"skip","isRepeatable":false},{"name":"specifiedBy","isRepeatable":false}]}}`)
	off := start(t, Config{Source: Static(socialSDL), DisableIntrospection: true})
	if got := post(t, off, `{ __schema { queryType { name } } }`, ""); got.Status != 400 || !strings.Contains(got.Body, "switched off") {
		t.Errorf("introspection is not off: %s", got.Body)
	}
	if got := post(t, off, `{ __typename }`, ""); got.Status != 200 {
		t.Errorf("__typename: %s", got.Body)
	}
}
