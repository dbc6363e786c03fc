package importer

import (
	"context"
)

var (
	profileField = template{
		operation: "query", name: "VerifyProfile", params: "$id#: ID!",
		field: "user(id: $id#) { id handle name followerCount followeeCount }",
	}
	followersField = listField("VerifyFollowers", "user", "followers", "id")
)

// profile is what profileField asks for.
type profile struct {
	ID            string  `json:"id"`
	Handle        *string `json:"handle"`
	Name          *string `json:"name"`
	FollowerCount *int    `json:"followerCount"`
	FolloweeCount *int    `json:"followeeCount"`
}

// checkProfiles compares profiles, their counts and their followers.
func (v *verifier) checkProfiles(ctx context.Context, accounts []int) ([]string, error) {
	var there []int
	var ids []string
	var asked []vars
	for _, n := range accounts {
		if id := v.book.users[n]; id != "" {
			there, ids, asked = append(there, n), append(ids, id), append(asked, vars{"id": id})
		}
	}
	profiles, faults, err := entities[profile](ctx, v.reader, nil, profileField, asked)
	if err != nil {
		return nil, err
	}
	followers, err := v.reader.lists(ctx, nil, followersField, ids)
	if err != nil {
		return nil, err
	}
	var differences []string
	for i, n := range there {
		subject := "profile of " + v.plan.handle(n)
		p := profiles[i]
		if p == nil || faults[i] != nil {
			differences = append(differences, subject+" "+nullFault(faults[i]))
			continue
		}
		differences = same(differences, subject, "id", &p.ID, ids[i])
		differences = same(differences, subject, "handle", p.Handle, v.plan.Accounts[n].Handle)
		differences = same(differences, subject, "name", p.Name, v.plan.Accounts[n].Name)
		differences = same(differences, subject, "followerCount", p.FollowerCount, len(v.model.followers[n]))
		differences = same(differences, subject, "followeeCount", p.FolloweeCount, len(v.model.followees[n]))
		differences = append(differences, v.expect(followers[i], expectation{
			subject: "list of followers of " + v.plan.handle(n), keys: v.book.userIDs(v.model.followers[n]), order: byID, name: v.book.userName,
		})...)
	}
	return differences, nil
}
