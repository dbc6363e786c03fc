package pebbledb

// The key spaces: the first byte of every key says whose it is. A new space
// gets a new letter; a letter is never used again for something else.
const (
	SpaceMeta  byte = 'm' // of the database as a whole
	SpaceQueue byte = 'q' // messages, frontiers, ladder and parking
	SpaceStore byte = 's' // tables; a second byte names the table
)
