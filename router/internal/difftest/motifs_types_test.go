package difftest

import "fmt"

func sharedRoot(g *motifGraph) {
	k, v, s := g.name("K"), g.name("V"), g.pick(3)
	q, p := g.name("q")+": "+k+" @shareable", g.name("q")+": "+g.wrap(v)+" @shareable"
	for i, f := range []string{"a", "b", "c"} {
		g.query(s[i], q, p)
		g.entity(s[i], k, f+": "+g.leaf())
		g.add(s[i], "type "+v+" @shareable", "id: ID!", f+": Int")
	}
}

func sharedValue(g *motifGraph) {
	k, v, s := g.name("K"), g.name("V"), g.pick(2)
	for i, f := range []string{"a", "b"} {
		g.add(s[i], "type "+v+" @shareable", "x: Int", "y: [String]", "v: "+v)
		g.entity(s[i], k, f+": "+g.wrap(v))
		g.root(s[i], k)
		g.root(s[i], v)
	}
}

func unionsDiffer(g *motifGraph) {
	u, k, s := g.name("U"), g.name("K"), g.pick(2)
	a, b, c := g.name("A"), g.name("B"), g.name("C")
	g.add(s[0], "union "+u+" = "+a+" | "+b)
	g.add(s[1], "union "+u+" = "+b+" | "+c)
	g.entity(s[0], a, "x: Int")
	g.entity(s[0], b, "y: Int")
	g.entity(s[1], b, "z: String")
	g.entity(s[1], c, "x: String!")
	for _, i := range s {
		g.root(i, u)
		g.entity(i, k, "u: "+u+" @shareable")
		g.root(i, k)
	}
}

func enumsDiffer(g *motifGraph) {
	e, f, k, s := g.name("E"), g.name("F"), g.name("K"), g.pick(2)
	values, inputs := []string{"{ RED GREEN }", "{ GREEN BLUE }"}, []string{"{ UP DOWN }", "{ DOWN SIDE }"}
	both := g.wrap(e)
	for i, field := range []string{"a", "b"} {
		g.add(s[i], "enum "+e+" "+values[i])
		g.add(s[i], "enum "+f+" "+inputs[i])
		g.entity(s[i], k, field+"(way: "+f+"): "+g.wrap(e), "both: "+both+" @shareable")
		g.root(s[i], k)
		g.query(s[i], g.name("q")+"(way: "+f+" = DOWN, ways: ["+f+"!]): "+e)
	}
}

func inputsDiffer(g *motifGraph) {
	in, k, s := g.name("In"), g.name("K"), g.pick(2)
	g.add(s[0], "input "+in, "a: Int = 7", "b: String", "n: "+in)
	g.add(s[1], "input "+in, "a: Int = 7", "c: Boolean", "n: "+in)
	for i, f := range []string{"a", "b"} {
		g.entity(s[i], k, f+"(in: "+in+", ins: ["+in+"!]): "+g.leaf())
		g.query(s[i], g.name("q")+"(in: "+in+"! = {a: 1}): "+g.wrap(k))
	}
}

func interfacesDiffer(g *motifGraph) {
	i, s := g.name("I"), g.pick(2)
	a, b, c := g.name("A"), g.name("B"), g.name("C")
	for n, types := range [][]string{{a, b}, {b, c}} {
		g.add(s[n], "interface "+i, "x: Int")
		for _, t := range types {
			g.add(s[n], "type "+t+" implements "+i+` @key(fields: "id")`, "id: ID!", "x: Int @shareable", fmt.Sprintf("f%d: %s", n, g.leaf()))
		}
		g.root(s[n], i)
	}
}

// abstract adds an interface with a key, and two types that implement it.
func (g *motifGraph) abstract(sub int) (i, a, b string) {
	i, a, b = g.name("I"), g.name("A"), g.name("B")
	g.add(sub, "interface "+i+` @key(fields: "id")`, "id: ID!", "name: String")
	g.add(sub, "type "+a+" implements "+i+` @key(fields: "id")`, "id: ID!", "name: String", "x: "+g.leaf())
	g.add(sub, "type "+b+" implements "+i+` @key(fields: "id")`, "id: ID!", "name: String", "y: "+g.leaf())
	g.entities = append(g.entities, motifEntity{a, sub, true}, motifEntity{b, sub, true})
	return i, a, b
}

func entityInterface(g *motifGraph) {
	s := g.pick(2)
	i, a, b := g.abstract(s[0])
	g.entity(s[1], a, "z: "+g.leaf(), "back: "+b)
	g.entity(s[1], b, "w: "+g.leaf())
	g.root(s[0], i)
	g.root(s[1], a)
}

func (g *motifGraph) object(sub int, i string, fields ...string) {
	g.add(sub, "type "+i+` @key(fields: "id") @interfaceObject`, append([]string{"id: ID!"}, fields...)...)
}

func interfaceObject(g *motifGraph) {
	s := g.pick(2)
	i, a, _ := g.abstract(s[0])
	g.object(s[1], i, "extra: "+g.leaf(), "more(n: Int = 1): [Int]", "next: "+i)
	g.root(s[0], i)
	g.root(s[1], i)
	g.root(s[0], a)
}

// interfaceObjectIndirect: what the type is, only a subgraph in between knows.
func interfaceObjectIndirect(g *motifGraph) {
	s := g.pick(3)
	i, a, b := g.abstract(s[0])
	g.object(s[1], i, "extra: "+g.leaf())
	g.add(s[2], "type "+a+` @key(fields: "id")`, "id: ID!", "w: "+g.leaf())
	g.add(s[2], "type "+b+` @key(fields: "id")`, "id: ID!", "v: "+g.leaf())
	g.root(s[1], i)
	g.root(s[1], i)
	if g.chance(50) {
		g.root(s[2], a)
	}
}

func interfaceObjectRequires(g *motifGraph) {
	s := g.pick(2)
	i, a, _ := g.abstract(s[0])
	g.object(s[1], i, "name: String @external", requires("greeting", "name"), "extra: Int")
	g.root(s[0], i)
	g.root(s[0], a)
	if g.chance(60) {
		g.root(s[1], i)
	}
}

func interfaceObjectEmpty(g *motifGraph) {
	i, s := g.name("I"), g.pick(2)
	g.add(s[0], "interface "+i+` @key(fields: "id")`, "id: ID!", "name: String")
	g.object(s[1], i, "extra: Int")
	g.query(s[1], g.name("q")+": "+i, g.name("q")+": ["+i+"]")
}

func overridePlain(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.entity(s[0], k, "a: Int", "moved: String")
	g.entity(s[1], k, fmt.Sprintf(`moved: String @override(from: "s%d")`, s[0]), "b: Int")
	g.root(s[0], k)
	g.root(s[1], k)
}

func overrideLabel(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	label := []string{"percent(50)", "percent(20)", "beta", "gamma"}[g.r.IntN(4)]
	g.entity(s[0], k, "a: Int", "moved: "+k, "plain: Int")
	g.entity(s[1], k, fmt.Sprintf(`moved: %s @override(from: "s%d", label: %q)`, k, s[0], label), fmt.Sprintf(`plain: Int @override(from: "s%d", label: %q)`, s[0], label), "b: Int")
	root := g.name("q") + ": " + g.wrap(k)
	g.query(s[0], root)
	g.query(s[1], root+fmt.Sprintf(` @override(from: "s%d", label: %q)`, s[0], label))
	g.root(s[1], k)
}

func overrideInterface(g *motifGraph) {
	i, a, b, s := g.name("I"), g.name("A"), g.name("B"), g.pick(2)
	for n, sub := range s {
		g.add(sub, "interface "+i, "id: ID!", "at: Int")
		moved := ""
		if n == 1 {
			moved = fmt.Sprintf(` @override(from: "s%d")`, s[0])
		}
		g.add(sub, "type "+a+" implements "+i+` @key(fields: "id")`, "id: ID!", "at: Int"+moved)
		g.root(sub, i)
	}
	g.add(s[0], "type "+b+" implements "+i+` @key(fields: "id")`, "id: ID!", "at: Int")
}

func inaccessibleParts(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	h := g.name("H") // the hidden types begin with it
	v := g.name("V") // the visible ones that have hidden parts
	g.add(s[0], "type "+h+"Object @inaccessible", "x: Int")
	g.add(s[0], "interface "+h+"Interface @inaccessible", "shown: Int")
	g.add(s[0], "union "+h+"Union @inaccessible = "+h+"Object | "+k)
	g.add(s[0], "scalar "+h+"Scalar @inaccessible")
	g.add(s[0], "enum "+h+"Enum @inaccessible { X }")
	g.add(s[0], "input "+h+"Input @inaccessible", "x: Int")
	g.add(s[0], "enum "+v+"Enum { A B @inaccessible C }")
	g.add(s[0], "input "+v+"Input", "a: Int", "hidden: "+h+"Input @inaccessible")
	g.add(s[0], "union "+v+"Union = "+h+"Object | "+k)
	g.add(s[0], "type "+k+" implements "+h+`Interface @key(fields: "id")`, "id: ID!", "shown: Int", "hidden: Int @inaccessible",
		"object: "+h+"Object @inaccessible", "interface: "+h+"Interface @inaccessible", "union: "+h+"Union @inaccessible",
		"scalar: "+h+"Scalar @inaccessible", "enum: "+h+"Enum @inaccessible", "kept: "+v+"Enum", "kepts: ["+v+"Enum!]",
		"with(a: Int, hidden: Int @inaccessible, in: "+v+"Input): String", "any: "+v+"Union")
	g.entities = append(g.entities, motifEntity{name: k, sub: s[0]})
	g.requirer(k, s[0], s[1], "hidden: Int @external", requires("r", "hidden"), "b: Int")
	g.query(s[0], g.name("q")+"(way: "+v+"Enum, in: "+v+"Input): "+v+"Enum", g.name("q")+": "+g.wrap(v+"Union"))
}

func inaccessibleKey(g *motifGraph) {
	k, s := g.name("K"), g.pick(2)
	g.add(s[0], "type "+k+` @key(fields: "id") @key(fields: "secret")`, "id: ID!", "secret: ID! @inaccessible", "a: "+g.leaf())
	g.add(s[1], "type "+k+` @key(fields: "secret")`, "secret: ID!", "b: "+g.leaf())
	g.entities = append(g.entities, motifEntity{name: k, sub: s[0]})
	g.root(s[0], k)
	g.root(s[1], k)
}

// everyArgument takes values of every kind, at the root and on an entity.
func everyArgument(g *motifGraph) {
	k, in, e, c, s := g.name("K"), g.name("In"), g.name("E"), g.name("S"), g.pick(2)
	args := "(i: Int, f: Float, s: String = \"ü\\u{1F511}\", b: Boolean, d: ID = 5, e: " + e + " = ONE, o: " + in + ", c: " + c +
		", l: [Int], ll: [[Int!]], os: [" + in + "!], r: Int! = 3, n: String)"
	for n, sub := range s {
		g.add(sub, "enum "+e+" { ONE TWO THREE }")
		g.add(sub, "scalar "+c)
		g.add(sub, "input "+in, "i: Int = 4", "s: String! = \"x\"", "l: [ID!] = [\"a\"]", "n: "+in, "e: "+e+" = TWO", "c: "+c)
		g.entity(sub, k, fmt.Sprintf("f%d%s: %s", n, args, g.leaf()), fmt.Sprintf("c%d: %s", n, g.wrap(c)))
	}
	g.query(s[0], g.name("q")+args+": "+g.wrap(k), g.name("q")+args+": String")
}

func severalMutations(g *motifGraph) {
	k, s := g.name("K"), g.pick(3)
	for i, sub := range s {
		g.entity(sub, k, fmt.Sprintf("f%d: %s", i, g.leaf()))
		g.add(sub, "type Mutation", g.name("set")+"(to: Int, name: String): "+g.wrap(k), g.name("set")+"(to: Int!): Int")
	}
	g.root(s[0], k)
}
