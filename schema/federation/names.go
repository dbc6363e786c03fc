package federation

// names resolves which directive and type names of the document stand for which
// elements of linked features.
func (r *reader) names() {
	s := r.s
	s.meaning, s.custom, s.provided = make(map[string]string), make(map[string]*Link), make(map[string]bool)
	if s.federation == nil {
		for n := range fed1() {
			s.meaning[n] = n
		}
		for _, d := range s.document.Directives {
			if _, ok := fed2()[d.Name]; ok {
				s.meaning[d.Name] = d.Name
			}
		}
	}
	for _, l := range s.Links {
		if l.Identity == FederationIdentity {
			if l != s.federation {
				continue
			}
			for n, e := range fed2() {
				if r.known(l.Version) && l.Version.AtLeast(e.since) {
					s.meaning[l.directiveName(n)] = n
				}
			}
			continue
		}
		f, ok := s.alone(l)
		if !ok {
			continue
		}
		s.meaning[l.directiveName(f.element)] = f.element
		if f.second != "" {
			s.meaning[l.directiveName(f.second)] = f.second
		}
		if s.federation != nil && !s.Version.AtLeast(f.since) {
			s.Upgraded = later(s.Upgraded, f.since)
		}
	}
	for _, d := range s.document.Directives {
		r.ownDirective(d.Name)
	}
}

// ownDirective notes a directive of the document that belongs to a linked
// feature other than federation.
func (r *reader) ownDirective(name string) {
	s := r.s
	if s.meaning[name] != "" {
		return
	}
	for _, l := range s.Links {
		if l.Identity == FederationIdentity || l.Identity == LinkIdentity {
			continue
		}
		if _, ok := l.owns(name, true); ok {
			s.custom[name] = l
			return
		}
	}
}

func later(a, b Version) Version {
	if a.AtLeast(b) {
		return a
	}
	return b
}
