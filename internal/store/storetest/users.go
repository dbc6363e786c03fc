package storetest

import (
	"github.com/starlinghq/starling/internal/social"
)

func userChecks() []check {
	return []check{
		{"users/order asked, nil for missing", userOrder},
		{"users/fields converge by themselves", userConverges},
		{"users/a zero event leaves the field", userZero},
	}
}

func newUser(e *env) social.User {
	id := e.user()
	return social.User{ID: id, Handle: newHandle(e), Name: "Änne 🐦", NameEvent: e.id(), Bio: "ornithologist", BioEvent: e.id()}
}

func userOrder(e *env) {
	f := e.fence(social.FamilyUsers)
	a, b, missing := newUser(e), newUser(e), e.user()
	e.must(e.PutUser(e.ctx, f, a))
	e.must(e.PutUser(e.ctx, f, b))
	got, err := e.Users(e.ctx, []social.UserID{b.ID, missing, a.ID, b.ID})
	e.must(err)
	e.equal("users", got, []*social.User{&b, nil, &a, &b})
}

// userConverges writes a registration, an older and a newer name, and a bio.
func userConverges(e *env) {
	f := e.fence(social.FamilyUsers)
	for name, next := range nexts(e) {
		converge(e, "user, "+name, func() trial {
			u := newUser(e)
			registered := social.User{ID: u.ID, Handle: u.Handle, Name: u.Name, NameEvent: u.NameEvent}
			renamed := social.User{ID: u.ID, Name: "Anne", NameEvent: next(u.NameEvent)}
			bio := social.User{ID: u.ID, Bio: "z" + u.Bio, BioEvent: u.BioEvent}
			cleared := social.User{ID: u.ID, Bio: "", BioEvent: next(u.BioEvent)}
			var writes []func() error
			for _, w := range []social.User{registered, renamed, bio, cleared} {
				writes = append(writes, func() error { return e.PutUser(e.ctx, f, w) })
			}
			return trial{
				writes: writes,
				read:   func() (any, error) { return e.Users(e.ctx, []social.UserID{u.ID}) },
				want: []*social.User{{
					ID: u.ID, Handle: u.Handle, Name: "Anne", NameEvent: renamed.NameEvent, BioEvent: cleared.BioEvent,
				}},
			}
		})
	}
}

func userZero(e *env) {
	f := e.fence(social.FamilyUsers)
	u := newUser(e)
	e.must(e.PutUser(e.ctx, f, u))
	u.Bio, u.BioEvent = "gone fishing", e.id()
	e.must(e.PutUser(e.ctx, f, social.User{ID: u.ID, Name: "ignored", Bio: u.Bio, BioEvent: u.BioEvent}))
	got, err := e.Users(e.ctx, []social.UserID{u.ID})
	e.must(err)
	e.equal("user", got, []*social.User{&u})
}
