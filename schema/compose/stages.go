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

func (m *merger) hidden(list ast.DirectiveList) bool {
	n := m.specNames[federation.Inaccessible]
	return n != "" && list.ForName(n) != nil
}
