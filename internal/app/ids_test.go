package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/testenv"
)

// onServers moves a configuration to the real engines, in places of their own
// on them.
func onServers(t *testing.T, cfg *app.Config) {
	t.Helper()
	cfg.Engines = "distributed"
	cfg.Cassandra.Hosts, cfg.Cassandra.Keyspace = []string{testenv.Cassandra(t)}, "starling_apptest"
	cfg.RabbitMQ.URLs, cfg.RabbitMQ.Prefix = []string{testenv.RabbitMQ(t)}, "apptest."
	cfg.Redis.Addresses, cfg.Redis.Database = []string{testenv.Redis(t)}, 11
	cfg.Auth.SigningKeyFile = filepath.Join(t.TempDir(), "key.pem")
	if _, err := account.LoadOrCreate(cfg.Auth.SigningKeyFile); err != nil {
		t.Fatal(err)
	}
}

// TestAWrongClockIsRefused: a process whose clock is more than a second from
// that of the store does not start; half a second does no harm.
func TestAWrongClockIsRefused(t *testing.T) {
	cfg := apptest.Config(t)
	onServers(t, &cfg)
	if err := app.Migrate(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	for offset, refused := range map[time.Duration]bool{
		0: false, 500 * time.Millisecond: false, -500 * time.Millisecond: false,
		1500 * time.Millisecond: true, -1500 * time.Millisecond: true,
	} {
		cfg.Clock.Offset = offset
		var logs bytes.Buffer
		s, err := app.Open(t.Context(), cfg, "test", &logs)
		if refused != errors.Is(err, snowflake.ErrClockSkew) || !refused && err != nil {
			t.Errorf("a clock off by %s: %v; want it refused: %t\n%s", offset, err, refused, &logs)
		}
		if err == nil {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestIDsAreCounted reads the generator's counters from /metrics.
func TestIDsAreCounted(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	before := counter(t, sys.URL, "starling_ids_minted_total")
	ann := sys.SignUp(t, "ann")
	for range 3 {
		ann.Posts(t, "counted")
	}
	if got := counter(t, sys.URL, "starling_ids_minted_total") - before; got != 4 {
		t.Errorf("an account and three tweets are %d ids", got)
	}
	for _, name := range []string{"clock_ahead", "leases_lost", "leases_failed"} {
		if n := counter(t, sys.URL, "starling_ids_"+name+"_total"); n != 0 {
			t.Errorf("%s: %d", name, n)
		}
	}
	testenv.Eventually(t, 10*time.Second, func() error {
		if counter(t, sys.URL, "starling_ids_leases_extended_total") == 0 {
			return errors.New("the reservation is never extended")
		}
		return nil
	})
}

// counter returns the value of a counter without labels of its own.
func counter(t *testing.T, url, name string) int {
	t.Helper()
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(fmt.Sprintf(`(?m)^%s(?:\{.*\})? (\S+)$`, name)).FindSubmatch(b)
	if m == nil {
		t.Fatalf("/metrics has no %s", name)
	}
	f, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(f)
}
