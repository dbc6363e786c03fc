package cacheredis

import "testing"

// TestOldReleasesAreKnown: before 7 a dump and a replica remember scripts, so
// that old data would be taken for ours.
func TestOldReleasesAreKnown(t *testing.T) {
	for info, want := range map[string]bool{
		"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n":                     true,
		"# Server\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\nredis_version:7.2.4\r\n": true,
		"redis_version:10.0.0\r\n": true,
		"redis_version:6.2.14\r\n": false,
		"# Server\r\n":             false,
	} {
		if got := major(release(info)) >= oldest; got != want {
			t.Errorf("%q is new enough: %t", info, got)
		}
	}
}
