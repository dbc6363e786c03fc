package difftest

import "fmt"

// requirer adds a subgraph that requires fields of an entity, and root fields
// on both sides.
func (g *motifGraph) requirer(k string, owner, sub int, fields ...string) {
	g.entity(sub, k, fields...)
	g.root(owner, k)
	if g.chance(60) {
		g.root(sub, k)
	}
}

func requires(name, fields string) string {
	return fmt.Sprintf("%s: String @requires(fields: %q)", name, fields)
}

func requiresNested(g *motifGraph) {
	k, n, s := g.name("K"), g.name("N"), g.pick(2)
	g.entity(s[0], k, "n: "+n, "m: "+n+"!")
	g.add(s[0], "type "+n, "x: Int", "y: String!", "n: "+n)
	g.add(s[1], "type "+n, "x: Int @external", "y: String! @external", "n: "+n+" @external")
	g.requirer(k, s[0], s[1], "n: "+n+" @external", "m: "+n+"! @external", requires("r", "n { x y }"), requires("p", "m { n { x } }"))
}

func requiresLists(g *motifGraph) {
	k, n, s := g.name("K"), g.name("N"), g.pick(2)
	g.entity(s[0], k, "xs: [Int]", "ns: ["+n+"]", "ms: [["+n+"!]!]!")
	g.add(s[0], "type "+n, "x: Int", "y: [String]")
	g.add(s[1], "type "+n, "x: Int @external", "y: [String] @external")
	g.requirer(k, s[0], s[1], "xs: [Int] @external", "ns: ["+n+"] @external", "ms: [["+n+"!]!]! @external",
		requires("r", "xs"), requires("p", "ns { x y }"), requires("t", "ms { x }"))
}

func requiresArguments(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entity(s[0], k, "price(cut: Int = 2, in: [String!]): Int", "size: Int")
	g.requirer(k, s[0], s[1], "price(cut: Int = 2, in: [String!]): Int @external", "size: Int @external",
		requires("r", `price(cut: 3, in: ["a"]) size`))
}

func requiresConflict(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entity(s[0], k, "price(cut: Int = 2): Int", "size: Int")
	g.requirer(k, s[0], s[1], "price(cut: Int = 2): Int @external", "size: Int @external",
		requires("r", "price(cut: 3)"), requires("p", "price(cut: 5) size"), requires("t", "price"))
}

func requiresFragments(g *motifGraph) {
	k, u, a, b, s := g.name("K"), g.name("U"), g.name("A"), g.name("B"), g.pick(2)
	g.entity(s[0], k, "u: "+u)
	g.add(s[0], "union "+u+" = "+a+" | "+b)
	g.add(s[0], "type "+a, "x: Int", "z: String")
	g.add(s[0], "type "+b, "y: String")
	g.add(s[1], "union "+u+" = "+a+" | "+b)
	g.add(s[1], "type "+a, "x: Int @external", "z: String @external")
	g.add(s[1], "type "+b, "y: String @external")
	g.requirer(k, s[0], s[1], "u: "+u+" @external", requires("r", "u { ... on "+a+" { x z } ... on "+b+" { y } }"))
}

func requiresInterface(g *motifGraph) {
	k, i, a, b, s := g.name("K"), g.name("I"), g.name("A"), g.name("B"), g.pick(2)
	g.entity(s[0], k, "i: "+i, "is: ["+i+"!]")
	g.add(s[0], "interface "+i, "x: Int")
	g.add(s[0], "type "+a+" implements "+i, "x: Int", "y: String")
	g.add(s[0], "type "+b+" implements "+i, "x: Int")
	g.add(s[1], "interface "+i, "x: Int")
	g.add(s[1], "type "+a+" implements "+i, "x: Int @external", "y: String @external")
	g.add(s[1], "type "+b+" implements "+i, "x: Int @external")
	g.requirer(k, s[0], s[1], "i: "+i+" @external", "is: ["+i+"!] @external",
		requires("r", "i { x ... on "+a+" { y } }"), requires("p", "is { x }"))
}

func requiresRequires(g *motifGraph) {
	k, s := g.name("K"), g.pick(3)
	g.entity(s[0], k, "a: Int")
	g.entity(s[1], k, "a: Int @external", requires("r", "a"))
	g.requirer(k, s[0], s[2], "r: String @external", requires("p", "r"))
	g.root(s[1], k)
}

// requiresCircle: of two subgraphs each requires what the other has.
func requiresCircle(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entity(s[0], k, "w: Int", "y: String @external", requires("x", "y"))
	g.requirer(k, s[0], s[1], "w: Int @external", requires("y", "w"))
}

func requiresOverridden(g *motifGraph) {
	k, s := g.name("K"), g.pick(3)
	g.entity(s[0], k, "name: String")
	g.entity(s[1], k, fmt.Sprintf(`name: String @override(from: "s%d")`, s[0]))
	g.requirer(k, s[0], s[2], "name: String @external", requires("r", "name"))
}

func providesPlain(g *motifGraph) {
	k, l, s := g.name("K"), g.name("L"), g.pick(2)
	g.entity(s[0], k, "a: Int @external", "b: String @external")
	g.entity(s[0], l, "k: "+g.wrap(k)+` @provides(fields: "a")`)
	g.root(s[0], l)
	g.root(s[0], k, `@provides(fields: "a b")`)
	g.root(s[0], k)
	g.entity(s[1], k, "a: Int @shareable", "b: String @shareable", "c: "+g.leaf())
}

func providesNested(g *motifGraph) {
	k, n, e, s := g.name("K"), g.name("N"), g.name("E"), g.pick(2)
	g.entity(s[0], k, "n: "+n+" @external", "e: "+e+" @external")
	g.add(s[0], "type "+n, "x: Int @external", "y: String @external")
	g.entity(s[0], e, "name: String @external")
	g.root(s[0], k, `@provides(fields: "n { x }")`)
	g.root(s[0], k, `@provides(fields: "e { name } n { x y }")`)
	g.root(s[0], k)
	g.entity(s[1], k, "n: "+n+" @shareable", "e: "+e+" @shareable")
	g.add(s[1], "type "+n+" @shareable", "x: Int", "y: String")
	g.entity(s[1], e, "name: String @shareable", "age: "+g.leaf())
}

func providesInterface(g *motifGraph) {
	i, a, b, s := g.name("I"), g.name("A"), g.name("B"), g.pick(2)
	g.add(s[0], "interface "+i, "id: ID!", "x: Int")
	g.add(s[1], "interface "+i, "id: ID!", "x: Int")
	for _, t := range []string{a, b} {
		g.add(s[0], "type "+t+" implements "+i+` @key(fields: "id")`, "id: ID!", "x: Int @external", "y: String @external")
		g.add(s[1], "type "+t+" implements "+i+` @key(fields: "id")`, "id: ID!", "x: Int @shareable", "y: String @shareable", "z: "+g.leaf())
	}
	g.root(s[0], i, `@provides(fields: "... on `+a+` { x } ... on `+b+` { x y }")`)
	g.root(s[0], i, `@provides(fields: "... on `+a+` { x y }")`)
	g.root(s[0], i)
	g.root(s[1], i)
}

func providesUnion(g *motifGraph) {
	u, a, b, s := g.name("U"), g.name("A"), g.name("B"), g.pick(2)
	g.add(s[0], "union "+u+" = "+a+" | "+b)
	for _, t := range []string{a, b} {
		g.entity(s[0], t, "x: Int @external")
		g.entity(s[1], t, "x: Int @shareable", "z: "+g.leaf())
	}
	g.root(s[0], u, `@provides(fields: "... on `+a+` { x }")`)
	g.root(s[0], u, `@provides(fields: "... on `+b+` { x }")`)
	g.root(s[0], u, `@provides(fields: "... on `+a+` { x } ... on `+b+` { x }")`)
	g.root(s[0], u)
}
