package standin

import (
	"strconv"
	"strings"
)

type user struct {
	id, name, username string
	birthday           int
}

type product struct {
	upc, name     string
	price, weight int
	inStock       bool
}

type review struct {
	id, body string
	author   *user
	product  *product
}

// world is the whole data: every subgraph knows its part of it.
type world struct {
	users    []*user
	products []*product
	reviews  []*review
}

// reviewed says who wrote about what: author and product of each review, by
// number, and the length of its body.
var reviewed = []struct{ author, product, length int }{
	{1, 1, 845},
	{1, 2, 520},
	{2, 3, 690},
	{2, 1, 860},
	{1, 4, 745},
	{3, 5, 433},
	{3, 2, 800},
	{4, 1, 678},
	{4, 3, 745},
	{5, 6, 145},
	{6, 7, 590},
}

func newWorld() *world {
	w := &world{}
	for i, name := range []string{"Ines Duarte", "Oskar Lind", "Mei Tanaka", "Yusuf Demir", "Nora Okafor", "Pavel Novak"} {
		first, _, _ := strings.Cut(strings.ToLower(name), " ")
		w.users = append(w.users, &user{id: strconv.Itoa(i + 1), name: name, username: first + strconv.Itoa(70+i), birthday: 1970 + 3*i})
	}
	for i, name := range []string{"Kettle", "Desk", "Lamp", "Bicycle", "Tent", "Radio", "Shelf", "Rug", "Clock"} {
		w.products = append(w.products, &product{upc: strconv.Itoa(i + 1), name: name, price: 19 + 211*i, weight: 40 + 95*i, inStock: i%3 != 2})
	}
	for i, r := range reviewed {
		w.reviews = append(w.reviews, &review{id: strconv.Itoa(i + 1), body: prose(i, r.length), author: w.users[r.author-1], product: w.products[r.product-1]})
	}
	return w
}

// prose is text of a length in bytes; each seed gives another one.
func prose(seed, length int) string {
	words := strings.Fields("it arrived early and works well after weeks of daily use though the colour is darker than shown and one corner came loose we would buy another for the price")
	var b strings.Builder
	for i := seed; b.Len() < length; i++ {
		b.WriteString(words[(i*7+seed*3)%len(words)])
		b.WriteByte(' ')
	}
	return b.String()[:length-1] + "."
}
