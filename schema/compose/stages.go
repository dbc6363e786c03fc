package compose

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

func (m *merger) checkLinks() {}

func (m *merger) checkMerged() {
	s, err := supergraph.New(m.doc)
	if err != nil {
		m.errorf(federation.InvalidGraphQL, "", nil, "%v", err)
		return
	}
	m.schema = s
}

func (m *merger) checkInaccessible() {}

func (m *merger) satisfy(options) {}

func (m *merger) interfaceObjectFields() {}

func (m *merger) mergeExecutable() {}

func (m *merger) emitComposed() {}

func (m *merger) onlyExternal(string, []fieldSource) {}

func (m *merger) checkExternals(string, *supergraph.Field, []fieldSource) {}

func (m *merger) checkSharing(*supergraph.Type, string, []fieldSource) {}

func (m *merger) contextArguments(fieldSource) []supergraph.ContextArgument { return nil }

func (m *merger) contextualArgument(string, []argumentSource, int, []fieldSource) {}

func (m *merger) hidden(list ast.DirectiveList) bool {
	n := m.specNames[federation.Inaccessible]
	return n != "" && list.ForName(n) != nil
}
