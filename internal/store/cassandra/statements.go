package storecassandra

// statements are the texts of all requests, made once; the driver prepares each
// of them once a node.
type statements struct {
	tweet, putTweet, authorLog, logTweet                        string
	user, putName, putBio, putHandle                            string
	liked, putLiked                                             string
	comment, commentByID, comments, commentStates, commentCount string
	putComment, putCommentByID, putCommentCount                 string
	account, claimHandle, key, claimKey                         string
	epoch, firstEpoch, nextEpoch                                string
	leases, lease, firstLease, takeLease, extendLease           string
	tweetBuckets, putTweetBucket, likeBuckets, putLikeBucket    string
	relations                                                   [4]relationCQL
}

// relationCQL are the requests of one relation. All bind the owner first.
type relationCQL struct {
	member, list, states, has, count, put, putCount string
}

func newStatements(prefix string) statements {
	q := func(cql string) string { return expand(prefix, cql) }
	const readBuckets = ` WHERE owner_id = ? AND kind = ? AND bucket <= ?`
	const putBucket = ` (owner_id, kind, bucket) VALUES (?, ?, ?) USING TIMESTAMP ?`
	return statements{
		tweet:     q(`SELECT author_id, text, entities, reply_to, root_id, last FROM $tweets.tweets_by_id WHERE tweet_id = ?`),
		putTweet:  q(`INSERT INTO $tweets.tweets_by_id (tweet_id, author_id, text, entities, reply_to, root_id, last) VALUES (?, ?, ?, ?, ?, ?, (?, ?)) USING TIMESTAMP ?`),
		authorLog: q(`SELECT tweet_id, reply_to FROM $tweets.tweets_by_author WHERE author_id = ? AND month = ? AND tweet_id < ? LIMIT ?`),
		logTweet:  q(`INSERT INTO $tweets.tweets_by_author (author_id, month, tweet_id, reply_to) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`),

		user:      q(`SELECT handle, name, bio FROM $users.users_by_id WHERE user_id = ?`),
		putName:   q(`UPDATE $users.users_by_id USING TIMESTAMP ? SET name = (?, ?) WHERE user_id = ?`),
		putBio:    q(`UPDATE $users.users_by_id USING TIMESTAMP ? SET bio = (?, ?) WHERE user_id = ?`),
		putHandle: q(`UPDATE $users.users_by_id USING TIMESTAMP ? SET handle = ? WHERE user_id = ?`),

		liked:    q(`SELECT since, tweet_id, last FROM $engagement.likes_by_user WHERE user_id = ? AND quarter = ? AND since < ? LIMIT ?`),
		putLiked: q(`INSERT INTO $engagement.likes_by_user (user_id, quarter, since, tweet_id, last) VALUES (?, ?, ?, ?, (?, ?)) USING TIMESTAMP ?`),

		comment:         q(`SELECT comment_id, author_id, text, last, count FROM $engagement.comments_by_tweet WHERE tweet_id = ? AND month = ? AND comment_id IN (0, ?)`),
		comments:        q(`SELECT comment_id, author_id, text, last FROM $engagement.comments_by_tweet WHERE tweet_id = ? AND month = ? AND comment_id > 0 AND comment_id < ? LIMIT ?`),
		commentStates:   q(`SELECT last FROM $engagement.comments_by_tweet WHERE tweet_id = ? AND month = ? AND comment_id > 0`),
		commentCount:    q(`SELECT count FROM $engagement.comments_by_tweet WHERE tweet_id = ? AND month = ? AND comment_id = 0`),
		commentByID:     q(`SELECT tweet_id, author_id, text, last FROM $engagement.comments_by_id WHERE comment_id = ?`),
		putComment:      q(`INSERT INTO $engagement.comments_by_tweet (tweet_id, month, comment_id, author_id, text, last) VALUES (?, ?, ?, ?, ?, (?, ?)) USING TIMESTAMP ?`),
		putCommentByID:  q(`INSERT INTO $engagement.comments_by_id (comment_id, tweet_id, author_id, text, last) VALUES (?, ?, ?, ?, (?, ?)) USING TIMESTAMP ?`),
		putCommentCount: q(`UPDATE $engagement.comments_by_tweet USING TIMESTAMP ? SET count = (?, ?, ?) WHERE tweet_id = ? AND month = ? AND comment_id = 0`),

		account:     q(`SELECT written, user_id, name, password_hash FROM $users.user_by_handle WHERE handle = ?`),
		claimHandle: q(`INSERT INTO $users.user_by_handle (handle, written, user_id, name, password_hash) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`),
		key:         q(`SELECT event, input_hash FROM $registry.idempotency WHERE actor_id = ? AND key = ?`),
		claimKey:    q(`INSERT INTO $registry.idempotency (actor_id, key, event, input_hash) VALUES (?, ?, ?, ?) IF NOT EXISTS USING TTL ?`),

		epoch:      q(`SELECT epoch, holder FROM $registry.owner_epochs WHERE family = ? AND shard = ?`),
		firstEpoch: q(`INSERT INTO $registry.owner_epochs (epoch, holder, family, shard) VALUES (?, ?, ?, ?) IF NOT EXISTS`),
		nextEpoch:  q(`UPDATE $registry.owner_epochs SET epoch = ?, holder = ? WHERE family = ? AND shard = ? IF epoch = ?`),

		leases:      q(`SELECT node, until_ms, holder FROM $registry.node_leases`),
		lease:       q(`SELECT until_ms, holder FROM $registry.node_leases WHERE node = ?`),
		firstLease:  q(`INSERT INTO $registry.node_leases (until_ms, holder, node) VALUES (?, ?, ?) IF NOT EXISTS`),
		takeLease:   q(`UPDATE $registry.node_leases SET until_ms = ?, holder = ? WHERE node = ? IF holder = ? AND until_ms = ?`),
		extendLease: q(`UPDATE $registry.node_leases SET until_ms = ? WHERE node = ? IF holder = ? AND until_ms < ?`),

		tweetBuckets:   q(`SELECT bucket FROM $tweets.buckets` + readBuckets),
		putTweetBucket: q(`INSERT INTO $tweets.buckets` + putBucket),
		likeBuckets:    q(`SELECT bucket FROM $engagement.buckets` + readBuckets),
		putLikeBucket:  q(`INSERT INTO $engagement.buckets` + putBucket),

		relations: relationStatements(q),
	}
}
