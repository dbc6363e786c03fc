package users

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/users/internal/gql"
)

// signUp claims a handle and registers its holder. Signing up again with the
// right password is a log-in, so that a lost answer can be asked for again.
func (r *Resolver) signUp(ctx context.Context, in gql.SignUpInput) (*gql.SignInPayload, error) {
	if err := r.admit(ctx); err != nil {
		return nil, err
	}
	name := in.Handle
	if in.Name != nil {
		name = *in.Name
	}
	if utf8.RuneCountInString(name) > social.MaxNameRunes || !utf8.ValidString(name) {
		return nil, serve.BadInput(fmt.Sprintf("A name has at most %d characters.", social.MaxNameRunes))
	}
	if err := account.CheckHandle(in.Handle); err != nil {
		return refuse(serve.HandleInvalid, "handle", "A handle has 1 to 15 letters, digits or underscores.")
	}
	if err := account.CheckPassword(in.Password); err != nil {
		return refuse(serve.PasswordWeak, "password", "A password has 8 characters or more, and at most 1024 bytes.")
	}
	switch holder, err := r.claims.Account(ctx, in.Handle); {
	case err == nil:
		return r.again(ctx, holder, in.Password, serve.Refuse(serve.HandleTaken, "handle", "This handle is taken."))
	case !errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("reading the holder of a handle: %w", err)
	}
	hash, err := r.accounts.Passwords.Hash(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	if err := r.commit.Admit(ctx, social.FamilyUsers); err != nil {
		return nil, err
	}
	id, err := r.commit.Minter.Mint(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", commit.ErrOverloaded, err)
	}
	holder, won, err := r.claims.ClaimHandle(ctx, social.Account{Handle: in.Handle, User: social.UserID(id), Name: name, PasswordHash: hash})
	if err != nil {
		return nil, fmt.Errorf("claiming a handle: %w", err)
	}
	if !won {
		return r.again(ctx, holder, in.Password, serve.Refuse(serve.HandleTaken, "handle", "This handle is taken."))
	}
	if err := r.register(ctx, holder); err != nil {
		return nil, err
	}
	return r.signIn(ctx, holder)
}

// logIn checks a password. It takes as long for a handle that nobody has.
func (r *Resolver) logIn(ctx context.Context, in gql.LogInInput) (*gql.SignInPayload, error) {
	if err := r.admit(ctx); err != nil {
		return nil, err
	}
	wrong := serve.Refuse(serve.WrongCredentials, "password", "Handle or password is wrong.")
	holder, err := r.claims.Account(ctx, in.Handle)
	if errors.Is(err, store.ErrNotFound) {
		if _, err := r.accounts.Passwords.VerifyUnknown(ctx, in.Password); err != nil {
			return nil, err
		}
		return &gql.SignInPayload{UserErrors: toErrors(wrong)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the holder of a handle: %w", err)
	}
	return r.again(ctx, holder, in.Password, wrong)
}

// admit refuses sign-ups and log-ins where they are not ours to make, or come
// too often from one address.
func (r *Resolver) admit(ctx context.Context) error {
	if r.accounts.Issuer == nil {
		return &serve.Error{Code: serve.Forbidden, Message: "Accounts are kept elsewhere; sign in there and send the token."}
	}
	if ok, after := r.accounts.Throttle.Allow(serve.Address(ctx), r.now()); !ok {
		return serve.Limited(after)
	}
	return nil
}

// again signs the holder of a handle in if the password is his. A crash may
// have left the claim without its event; it is published again under its id.
func (r *Resolver) again(ctx context.Context, holder social.Account, password string, wrong *serve.Refusal) (*gql.SignInPayload, error) {
	ok, err := r.accounts.Passwords.Verify(ctx, holder.PasswordHash, password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return &gql.SignInPayload{UserErrors: toErrors(wrong)}, nil
	}
	rows, err := r.rows.Users(ctx, []social.UserID{holder.User})
	if err != nil {
		return nil, err
	}
	if rows[0] == nil {
		if err := r.register(ctx, holder); err != nil {
			return nil, err
		}
	} else if err := r.claims.Settle(ctx); err != nil {
		return nil, err
	}
	return r.signIn(ctx, holder)
}

// register publishes that an account exists. The event's id is the user's, so
// that repeating it is the same event.
func (r *Resolver) register(ctx context.Context, a social.Account) error {
	ev := registered(a)
	if err := r.commit.Publish(ctx, ev); err != nil {
		return err
	}
	r.commit.Show(ctx, cache.UserObject(social.NewUser(ev.ID, ev.Body.(social.UserRegistered))))
	return nil
}

func registered(a social.Account) social.Event {
	return social.Event{ID: snowflake.ID(a.User), Body: social.UserRegistered{User: a.User, Handle: a.Handle, Name: a.Name}}
}

func (r *Resolver) signIn(ctx context.Context, a social.Account) (*gql.SignInPayload, error) {
	token, expires, err := r.accounts.Issuer.Issue(a.User.String(), nil, r.now())
	if err != nil {
		return nil, fmt.Errorf("issuing a token: %w", err)
	}
	users, err := r.profiles(ctx, []social.UserID{a.User})
	if err != nil {
		return nil, err
	}
	u := users[0]
	if u == nil { // registered a moment ago, and the cache is away
		u = toUser(social.NewUser(snowflake.ID(a.User), registered(a).Body.(social.UserRegistered)))
	}
	return &gql.SignInPayload{Token: &token, ExpiresAt: &expires, User: u, UserErrors: toErrors(nil)}, nil
}

func refuse(code serve.UserCode, field, message string) (*gql.SignInPayload, error) {
	return &gql.SignInPayload{UserErrors: toErrors(serve.Refuse(code, field, message))}, nil
}
