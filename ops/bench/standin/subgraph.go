package standin

import (
	_ "embed"
	"errors"
	"fmt"
)

// Subgraph is one of the four.
type Subgraph struct {
	Name string
	// SDL is its schema, federation 2.
	SDL string

	// fields are the resolvers by type and field.
	fields map[string]map[string]resolver
	// entity finds what a representation stands for.
	entity func(rep map[string]any) (object, error)
}

// resolver gives a field's value: a scalar, nil, an object or a list of them.
type resolver func(of any, args map[string]any) any

// object is a value of a type.
type object struct {
	typeName string
	of       any
}

var (
	//go:embed accounts.graphqls
	accountsSDL string
	//go:embed inventory.graphqls
	inventorySDL string
	//go:embed products.graphqls
	productsSDL string
	//go:embed reviews.graphqls
	reviewsSDL string
)

var errKey = errors.New("a representation lacks its key, or nothing has it")

// Subgraphs makes the four over one world.
func Subgraphs() []*Subgraph {
	w := newWorld()
	return []*Subgraph{w.accounts(), w.inventory(), w.catalogue(), w.critics()}
}

// field makes a resolver of a field that takes no arguments.
func field[T any](get func(T) any) resolver {
	return func(of any, _ map[string]any) any { return get(of.(T)) }
}

func (w *world) accounts() *Subgraph {
	return &Subgraph{
		Name: "accounts", SDL: accountsSDL,
		fields: map[string]map[string]resolver{
			"Query": {
				"me":    func(any, map[string]any) any { return object{"User", w.users[0]} },
				"users": func(any, map[string]any) any { return objects("User", w.users) },
			},
			"User": {
				"id":       field(func(u *user) any { return u.id }),
				"name":     field(func(u *user) any { return u.name }),
				"username": field(func(u *user) any { return u.username }),
				"birthday": field(func(u *user) any { return u.birthday }),
			},
		},
		entity: func(rep map[string]any) (object, error) {
			u, err := w.user(rep)
			return object{"User", u}, err
		},
	}
}

// stocked is a product with what its representation said.
type stocked struct {
	*product
	price, weight any
}

func (w *world) inventory() *Subgraph {
	return &Subgraph{
		Name: "inventory", SDL: inventorySDL,
		fields: map[string]map[string]resolver{
			"Product": {
				"upc":     field(func(p stocked) any { return p.upc }),
				"inStock": field(func(p stocked) any { return p.inStock }),
				"shippingEstimate": field(func(p stocked) any {
					price, ok1 := p.price.(float64)
					weight, ok2 := p.weight.(float64)
					switch {
					case !ok1 || !ok2:
						return fmt.Errorf("shippingEstimate needs price and weight of product %s", p.upc)
					case price > 1000:
						return 0
					}
					return int(weight / 2)
				}),
			},
		},
		entity: func(rep map[string]any) (object, error) {
			p, err := w.product(rep)
			return object{"Product", stocked{p, rep["price"], rep["weight"]}}, err
		},
	}
}

func (w *world) catalogue() *Subgraph {
	return &Subgraph{
		Name: "products", SDL: productsSDL,
		fields: map[string]map[string]resolver{
			"Query": {"topProducts": func(_ any, args map[string]any) any {
				first := 5
				switch n := args["first"].(type) {
				case int64: // from the text
					first = int(n)
				case float64: // from the variables
					first = int(n)
				}
				return objects("Product", w.products[:min(max(first, 0), len(w.products))])
			}},
			"Product": {
				"upc":    field(func(p *product) any { return p.upc }),
				"name":   field(func(p *product) any { return p.name }),
				"price":  field(func(p *product) any { return p.price }),
				"weight": field(func(p *product) any { return p.weight }),
			},
		},
		entity: func(rep map[string]any) (object, error) {
			p, err := w.product(rep)
			return object{"Product", p}, err
		},
	}
}

func (w *world) critics() *Subgraph {
	return &Subgraph{
		Name: "reviews", SDL: reviewsSDL,
		fields: map[string]map[string]resolver{
			"Review": {
				"id":      field(func(r *review) any { return r.id }),
				"body":    field(func(r *review) any { return r.body }),
				"author":  field(func(r *review) any { return object{"User", r.author} }),
				"product": field(func(r *review) any { return object{"Product", r.product} }),
			},
			"User": {
				"id":       field(func(u *user) any { return u.id }),
				"username": field(func(u *user) any { return u.username }), // @provides
				"reviews":  field(func(u *user) any { return w.about(func(r *review) bool { return r.author == u }) }),
			},
			"Product": {
				"upc":     field(func(p *product) any { return p.upc }),
				"reviews": field(func(p *product) any { return w.about(func(r *review) bool { return r.product == p }) }),
			},
		},
		entity: func(rep map[string]any) (object, error) {
			switch rep["__typename"] {
			case "User":
				u, err := w.user(rep)
				return object{"User", u}, err
			case "Product":
				p, err := w.product(rep)
				return object{"Product", p}, err
			}
			for _, r := range w.reviews {
				if r.id == rep["id"] {
					return object{"Review", r}, nil
				}
			}
			return object{}, errKey
		},
	}
}

func (w *world) user(rep map[string]any) (*user, error) {
	for _, u := range w.users {
		if u.id == rep["id"] {
			return u, nil
		}
	}
	return nil, errKey
}

func (w *world) product(rep map[string]any) (*product, error) {
	for _, p := range w.products {
		if p.upc == rep["upc"] {
			return p, nil
		}
	}
	return nil, errKey
}

func (w *world) about(is func(*review) bool) []object {
	var out []object
	for _, r := range w.reviews {
		if is(r) {
			out = append(out, object{"Review", r})
		}
	}
	return out
}

func objects[T any](typeName string, list []T) []object {
	out := make([]object, len(list))
	for i, v := range list {
		out[i] = object{typeName, v}
	}
	return out
}

// Whole is all four as one, without a gateway: what the right answer is.
func Whole() *Subgraph {
	w := newWorld()
	all := &Subgraph{Name: "whole", fields: make(map[string]map[string]resolver)}
	for _, s := range []*Subgraph{w.accounts(), w.critics(), w.catalogue(), w.inventory()} {
		for t, fields := range s.fields {
			if all.fields[t] == nil {
				all.fields[t] = make(map[string]resolver)
			}
			for name, r := range fields {
				if s.Name == "inventory" {
					r = fromProduct(r)
				}
				all.fields[t][name] = r
			}
		}
	}
	return all
}

// fromProduct gives a resolver of inventory what a gateway would send it.
func fromProduct(r resolver) resolver {
	return func(of any, args map[string]any) any {
		p := of.(*product)
		return r(stocked{p, float64(p.price), float64(p.weight)}, args)
	}
}
