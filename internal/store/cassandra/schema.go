package storecassandra

import (
	"fmt"
	"strings"
)

// Keyspaces, one a family, behind the prefix of the configuration. In CQL texts
// a $ stands for that prefix and its underscore.
//
//   - $tweets, $users, $followers, $engagement: the truth, each written by the
//     owners of that family.
//   - $registry: what is decided by lightweight transactions, and the schema's
//     own row. Handles are claimed in $users, beside the profiles.
var keyspaces = []string{"tweets", "users", "followers", "engagement", "registry"}

// expand puts the prefix into a CQL text.
func expand(prefix, cql string) string { return strings.ReplaceAll(cql, "$", prefix+"_") }

func createKeyspace(c Config, name string) string {
	return fmt.Sprintf("CREATE KEYSPACE IF NOT EXISTS %s_%s WITH replication = {'class': 'NetworkTopologyStrategy', '%s': %d}",
		c.Keyspace, name, strings.ReplaceAll(c.Datacenter, "'", "''"), c.ReplicationFactor)
}

// steps are the versions of the schema. A step only ever adds, so that a
// release may run beside the one before it; and each statement may be repeated,
// because a migration may be.
var steps = [][]string{
	{
		`CREATE TABLE IF NOT EXISTS $tweets.tweets_by_id (
			tweet_id bigint PRIMARY KEY, author_id bigint, text text, entities text,
			reply_to bigint, root_id bigint, last frozen<tuple<bigint, tinyint>>) ` + options,
		`CREATE TABLE IF NOT EXISTS $tweets.tweets_by_author (
			author_id bigint, month int, tweet_id bigint, reply_to bigint,
			PRIMARY KEY ((author_id, month), tweet_id)) ` + options + ` AND CLUSTERING ORDER BY (tweet_id DESC)`,
		`CREATE TABLE IF NOT EXISTS $tweets.buckets ` + bucketTable,

		`CREATE TABLE IF NOT EXISTS $users.users_by_id (
			user_id bigint PRIMARY KEY, handle text,
			name frozen<tuple<bigint, text>>, bio frozen<tuple<bigint, text>>) ` + options,
		`CREATE TABLE IF NOT EXISTS $users.user_by_handle (
			handle text PRIMARY KEY, written text, user_id bigint, name text, password_hash text) ` + options,
		`CREATE TABLE IF NOT EXISTS $users.followees_by_user (
			user_id bigint, followee_id bigint, last frozen<tuple<bigint, tinyint, bigint>>,
			count frozen<tuple<bigint, bigint, bigint>>, PRIMARY KEY (user_id, followee_id)) ` + options,

		`CREATE TABLE IF NOT EXISTS $followers.followers_by_user (
			user_id bigint, bucket int, follower_id bigint, last frozen<tuple<bigint, tinyint, bigint>>,
			count frozen<tuple<bigint, bigint, bigint>>, PRIMARY KEY ((user_id, bucket), follower_id)) ` + options,

		`CREATE TABLE IF NOT EXISTS $engagement.likes_by_tweet (
			tweet_id bigint, bucket int, user_id bigint, last frozen<tuple<bigint, tinyint, bigint>>,
			count frozen<tuple<bigint, bigint, bigint>>, PRIMARY KEY ((tweet_id, bucket), user_id)) ` + options,
		`CREATE TABLE IF NOT EXISTS $engagement.likes_by_user (
			user_id bigint, quarter int, since bigint, tweet_id bigint, last frozen<tuple<bigint, tinyint>>,
			PRIMARY KEY ((user_id, quarter), since)) ` + options + ` AND CLUSTERING ORDER BY (since DESC)`,
		`CREATE TABLE IF NOT EXISTS $engagement.comments_by_tweet (
			tweet_id bigint, month int, comment_id bigint, author_id bigint, text text,
			last frozen<tuple<bigint, tinyint>>, count frozen<tuple<bigint, bigint, bigint>>,
			PRIMARY KEY ((tweet_id, month), comment_id)) ` + options + ` AND CLUSTERING ORDER BY (comment_id DESC)`,
		`CREATE TABLE IF NOT EXISTS $engagement.comments_by_id (
			comment_id bigint PRIMARY KEY, tweet_id bigint, author_id bigint, text text,
			last frozen<tuple<bigint, tinyint>>) ` + options,
		`CREATE TABLE IF NOT EXISTS $engagement.buckets ` + bucketTable,

		`CREATE TABLE IF NOT EXISTS $registry.idempotency (
			actor_id bigint, key text, event blob, input_hash blob, PRIMARY KEY ((actor_id, key))) ` + options,
		`CREATE TABLE IF NOT EXISTS $registry.owner_epochs (
			family text, shard int, epoch bigint, holder bigint, PRIMARY KEY ((family, shard))) ` + options,
		`CREATE TABLE IF NOT EXISTS $registry.node_leases (
			node int PRIMARY KEY, until_ms bigint, holder bigint) ` + options,
	},
}

// options of every table: a slow replica is asked again elsewhere.
const options = `WITH speculative_retry = '50ms'`

// bucketTable is the table that says which months or quarters a list has.
const bucketTable = `(owner_id bigint, kind text, bucket int,
	PRIMARY KEY ((owner_id), kind, bucket)) ` + options + ` AND CLUSTERING ORDER BY (kind ASC, bucket DESC)`

// first makes the tables of a migration itself.
var first = []string{
	`CREATE TABLE IF NOT EXISTS $registry.schema_version (id int PRIMARY KEY, version int, shards int) ` + options,
	`CREATE TABLE IF NOT EXISTS $registry.schema_lock (id int PRIMARY KEY, holder bigint) ` + options,
}
