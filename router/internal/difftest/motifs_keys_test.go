package difftest

// motif adds what one feature needs to a graph.
type motif struct {
	name string
	add  func(g *motifGraph)
}

var motifs = []motif{
	{"several keys", severalKeys},
	{"composite key", compositeKey},
	{"nested key", nestedKey},
	{"deep key", deepKey},
	{"composite hop", compositeHop},
	{"key not resolvable", unresolvableKey},
	{"external key on an extension", extensionKey},
	{"null key", nullKey},
	{"null member of a key", nullMember},
	{"federation 1", federation1},
	{"requires nested", requiresNested},
	{"requires lists", requiresLists},
	{"requires with arguments", requiresArguments},
	{"requires with conflicting arguments", requiresConflict},
	{"requires through fragments", requiresFragments},
	{"requires through an interface", requiresInterface},
	{"requires of requires", requiresRequires},
	{"requires in a circle", requiresCircle},
	{"requires an overridden field", requiresOverridden},
	{"provides", providesPlain},
	{"provides nested", providesNested},
	{"provides on an interface", providesInterface},
	{"provides on a union", providesUnion},
	{"shared root", sharedRoot},
	{"shared value type", sharedValue},
	{"unions differ", unionsDiffer},
	{"enums differ", enumsDiffer},
	{"inputs differ", inputsDiffer},
	{"interfaces differ", interfacesDiffer},
	{"entity interface", entityInterface},
	{"interface object", interfaceObject},
	{"interface object, indirect", interfaceObjectIndirect},
	{"interface object, requires", interfaceObjectRequires},
	{"interface object, nothing implements", interfaceObjectEmpty},
	{"override", overridePlain},
	{"override by label", overrideLabel},
	{"override on an interface", overrideInterface},
	{"inaccessible", inaccessibleParts},
	{"inaccessible key", inaccessibleKey},
	{"same entity", sameEntity},
	{"lists", listsOfLists},
	{"arguments", everyArgument},
	{"mutations", severalMutations},
}

func severalKeys(g *motifGraph) {
	k, s := g.name("K"), g.pick(3)
	g.entities = append(g.entities, motifEntity{name: k, sub: s[0]})
	g.add(s[0], "type "+k+` @key(fields: "id") @key(fields: "code")`, "id: ID!", "code: String!", "a: "+g.leaf())
	g.entity(s[1], k, "b: "+g.leaf())
	g.add(s[2], "type "+k+` @key(fields: "code")`, "code: String!", "c: "+g.leaf())
	g.root(s[0], k)
	g.root(s[1], k) // to c over s[0]
	g.root(s[2], k)
}

func compositeKey(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.add(s[0], "type "+k+` @key(fields: "id org")`, "id: ID!", "org: Int!", "a: "+g.leaf())
	g.add(s[1], "type "+k+` @key(fields: "id org")`, "id: ID!", "org: Int!", "b: "+g.leaf())
	g.root(s[0], k)
	g.root(s[1], k)
}

func nestedKey(g *motifGraph) {
	k, n, s := g.name("K"), g.name("N"), g.pick(2)
	for i, f := range []string{"a", "b"} {
		g.add(s[i], "type "+k+` @key(fields: "n { x }")`, "n: "+n+"!", f+": "+g.leaf())
		g.add(s[i], "type "+n+" @shareable", "x: ID!")
		g.root(s[i], k)
	}
}

func deepKey(g *motifGraph) {
	k, n, m, s := g.name("K"), g.name("N"), g.name("M"), g.pick(3)
	head := "type " + k + ` @key(fields: "n { m { x } y }")`
	g.entities = append(g.entities, motifEntity{name: k, sub: s[0]})
	g.add(s[0], head+` @key(fields: "id")`, "id: ID!", "n: "+n+"!", "a: "+g.leaf())
	g.add(s[1], head, "n: "+n+"!", "b: "+g.leaf())
	for _, i := range s[:2] {
		g.add(i, "type "+n+" @shareable", "m: "+m+"!", "y: Int!")
		g.add(i, "type "+m+" @shareable", "x: ID!")
	}
	g.entity(s[2], k, "c: "+g.leaf())
	for _, i := range s {
		g.root(i, k)
	}
}

// compositeHop: the way to a composite key leads over a third subgraph.
func compositeHop(g *motifGraph) {
	k, s := g.name("K"), g.pick(3)
	g.entity(s[0], k, "a: "+g.leaf())
	g.entities = append(g.entities, motifEntity{name: k, sub: s[1]})
	g.add(s[1], "type "+k+` @key(fields: "id") @key(fields: "id org")`, "id: ID!", "org: String!")
	g.add(s[2], "type "+k+` @key(fields: "id org")`, "id: ID!", "org: String!", "c: "+g.leaf())
	g.root(s[0], k)
	if g.chance(50) {
		g.root(s[2], k)
	}
}

func unresolvableKey(g *motifGraph) {
	k, s := g.name("K"), g.pick(3)
	g.add(s[0], "type "+k+` @key(fields: "id", resolvable: false)`, "id: ID!", "a: "+g.leaf()+" @shareable")
	g.entity(s[1], k, "a: "+"Int", "b: "+g.leaf())
	g.subs[s[1]].types[k].fields[1] = g.subs[s[0]].types[k].fields[1]
	g.entity(s[2], k, "c: "+g.leaf())
	g.root(s[0], k)
	g.root(s[2], k)
}

func extensionKey(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entity(s[0], k, "a: "+g.leaf())
	g.add(s[1], "extend type "+k+` @key(fields: "id")`, "id: ID! @external", "b: "+g.leaf())
	g.root(s[0], k)
	g.root(s[1], k)
}

func nullKey(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entities = append(g.entities, motifEntity{name: k, sub: s[0]})
	g.add(s[0], "type "+k+` @key(fields: "id") @key(fields: "alt")`, "id: ID!", "alt: ID", "a: "+g.leaf())
	g.add(s[1], "type "+k+` @key(fields: "alt")`, "alt: ID", "b: "+g.leaf())
	g.root(s[0], k)
	g.root(s[1], k)
}

func nullMember(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.add(s[0], "type "+k+` @key(fields: "id alt")`, "id: ID!", "alt: Int", "a: "+g.leaf())
	g.add(s[1], "type "+k+` @key(fields: "id alt")`, "id: ID!", "alt: Int", "b: "+g.leaf())
	g.root(s[0], k)
	g.root(s[1], k)
}

// federation1 adds two subgraphs without @link, one of which extends a type.
func federation1(g *motifGraph) {
	k := g.name("K")
	a, b := g.newSub(true), g.newSub(true)
	g.entity(a, k, "a: Int", "x: "+g.leaf())
	g.query(a, g.name("q")+": "+g.wrap(k))
	g.add(b, "extend type "+k+` @key(fields: "id")`, "id: ID! @external", "a: Int @external", "b: "+g.leaf(), `r: String @requires(fields: "a")`)
	g.query(b, g.name("q")+": "+g.wrap(k)+` @provides(fields: "a")`, g.name("q")+": "+g.wrap(k))
	if g.chance(50) {
		s := g.pick(1)[0]
		g.entity(s, k, "c: "+g.leaf())
		g.root(s, k)
	}
}

func sameEntity(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entity(s[0], k, "friends: ["+k+"!]!", "best: "+k, "groups: [["+k+"]]")
	g.entity(s[1], k, "b: "+g.leaf(), "c: "+g.leaf())
	g.query(s[0], g.name("q")+": ["+k+"!]!")
	g.root(s[0], k)
}

func listsOfLists(g *motifGraph) {
	k, v, s := g.name("K"), g.name("V"), g.pick(2)
	g.entity(s[0], k, "ll: [[Int]]", "lll: [[[String!]!]]", "vs: [["+v+"]]", "ks: [["+k+"!]]!")
	g.add(s[0], "type "+v, "x: Int", "k: [["+k+"]!]")
	g.entity(s[1], k, "b: "+g.leaf(), "l: ["+g.leaf()+"]")
	g.query(s[0], g.name("q")+": [["+k+"]]", g.name("q")+": [[["+k+"]!]!]")
}
