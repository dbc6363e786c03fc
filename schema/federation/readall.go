package federation

// ReadAll reads subgraphs and checks each against the rules for one subgraph.
// Subgraphs of federation 1 are brought into the form of federation 2, for which
// the keys of the others count. Links of federation versions above newest are
// unknown. The list holds only those that could be parsed;
// it is only fit for merging if there are no errors.
func ReadAll(sources []Source, newest Version) ([]*Subgraph, []Diagnostic) {
	var list []*Subgraph
	var readers []*reader
	var errs []Diagnostic
	for _, src := range sources {
		s, r, problems := parse(src, newest)
		errs = append(errs, problems...)
		if s != nil {
			list, readers = append(list, s), append(readers, r)
		}
	}
	for _, r := range readers {
		if r.s.Version != Fed1 {
			r.finish(nil)
		}
		errs = append(errs, r.errors...)
	}
	if len(errs) > 0 {
		return list, Sort(errs)
	}
	for _, r := range readers {
		if r.s.Version == Fed1 {
			r.finish(list)
			errs = append(errs, r.errors...)
		}
	}
	return list, Sort(errs)
}

// finish checks a subgraph that is valid as a GraphQL schema against the rules of
// federation, one of federation 1 after its upgrade.
func (r *reader) finish(all []*Subgraph) {
	if len(r.errors) > 0 {
		return
	}
	r.upgrade(all)
	r.s.index()
	r.errors = append(r.errors, r.rootErrors...)
	r.rules()
}
