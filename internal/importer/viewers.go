package importer

import (
	"context"
	"errors"
	"fmt"
)

// samples is how many accounts and tweets a viewer is asked about that he does
// not follow and does not like. Those that he does are all asked about.
const samples = 10

var (
	feedField = template{
		operation: "query", name: "VerifyFeed", params: "$after#: String",
		field: fmt.Sprintf("feed(first: %d, after: $after#) { edges { node { id } } pageInfo { hasNextPage endCursor } }", pageSize),
	}
	strangerField = template{
		operation: "query", name: "VerifyStranger", params: "$id#: ID!",
		field: "user(id: $id#) { id viewerFollows }",
	}
	unlikedField = template{
		operation: "query", name: "VerifyUnliked", params: "$id#: ID!",
		field: "tweet(id: $id#) { id viewerHasLiked }",
	}
	followeesField = listField("VerifyFollowees", "user", "followees", "id viewerFollows")
	likesField     = listField("VerifyLikes", "user", "likes", "id viewerHasLiked")
)

// checkViewer compares what one viewer sees when signed in.
func (v *verifier) checkViewer(ctx context.Context, viewer int) ([]string, error) {
	who, handle := v.sessions[viewer], v.plan.handle(viewer)
	if _, err := who.bearer(ctx); err != nil {
		var refused *RefusedError
		if errors.As(err, &refused) {
			return []string{fmt.Sprintf("viewer %s cannot log in: %s: %s", handle, refused.Code, refused.Message)}, nil
		}
		return nil, err
	}
	feed, err := v.reader.list(ctx, who, feedField)
	if err != nil {
		return nil, err
	}
	differences := v.expect(feed, expectation{
		subject: "viewer " + handle + ": feed", keys: v.book.tweetIDs(v.model.feed(viewer)), order: newestFirst, name: v.book.tweetName,
	})
	for _, part := range []func(context.Context, int) ([]string, error){v.checkFollowees, v.checkLikes, v.checkUnrelated} {
		more, err := part(ctx, viewer)
		if err != nil {
			return nil, err
		}
		differences = append(differences, more...)
	}
	return differences, nil
}

func (v *verifier) checkFollowees(ctx context.Context, viewer int) ([]string, error) {
	id, subject := v.book.users[viewer], "viewer "+v.plan.handle(viewer)+": list of followees"
	if id == "" {
		return nil, nil
	}
	lists, err := v.reader.lists(ctx, v.sessions[viewer], followeesField, []string{id})
	if err != nil {
		return nil, err
	}
	differences := v.expect(lists[0], expectation{
		subject: subject, keys: v.book.userIDs(v.model.followees[viewer]), order: byID, name: v.book.userName,
	})
	for _, n := range lists[0].nodes {
		differences = same(differences, subject+": "+v.book.userName(n.ID), "viewerFollows", n.ViewerFollows, true)
	}
	return differences, nil
}

func (v *verifier) checkLikes(ctx context.Context, viewer int) ([]string, error) {
	id, subject := v.book.users[viewer], "viewer "+v.plan.handle(viewer)+": list of likes"
	if id == "" {
		return nil, nil
	}
	lists, err := v.reader.lists(ctx, v.sessions[viewer], likesField, []string{id})
	if err != nil {
		return nil, err
	}
	differences := v.expect(lists[0], expectation{
		subject: subject, keys: v.book.tweetIDs(v.model.likes[viewer]), order: anyOrder, name: v.book.tweetName,
	})
	for _, n := range lists[0].nodes {
		differences = same(differences, subject+": "+v.book.tweetName(n.ID), "viewerHasLiked", n.ViewerHasLiked, true)
	}
	return differences, nil
}

// checkUnrelated asks about some accounts and tweets that the viewer neither
// follows nor likes.
func (v *verifier) checkUnrelated(ctx context.Context, viewer int) ([]string, error) {
	who, subject := v.sessions[viewer], "viewer "+v.plan.handle(viewer)
	strangers := v.book.userIDs(v.model.strangers(viewer, samples))
	users, faults, err := entities[node](ctx, v.reader, who, strangerField, idVars(strangers))
	if err != nil {
		return nil, err
	}
	var differences []string
	for i, id := range strangers {
		if users[i] == nil || faults[i] != nil {
			differences = append(differences, fmt.Sprintf("%s: %s %s", subject, v.book.userName(id), nullFault(faults[i])))
			continue
		}
		differences = same(differences, subject+": "+v.book.userName(id), "viewerFollows", users[i].ViewerFollows, false)
	}
	unliked := v.book.tweetIDs(v.model.unliked(viewer, samples))
	tweets, faults, err := entities[node](ctx, v.reader, who, unlikedField, idVars(unliked))
	if err != nil {
		return nil, err
	}
	for i, id := range unliked {
		if tweets[i] == nil || faults[i] != nil {
			differences = append(differences, fmt.Sprintf("%s: %s %s", subject, v.book.tweetName(id), nullFault(faults[i])))
			continue
		}
		differences = same(differences, subject+": "+v.book.tweetName(id), "viewerHasLiked", tweets[i].ViewerHasLiked, false)
	}
	return differences, nil
}

func idVars(ids []string) []vars {
	out := make([]vars, len(ids))
	for i, id := range ids {
		out[i] = vars{"id": id}
	}
	return out
}
