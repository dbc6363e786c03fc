package cacheredis_test

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache/cachetest"
	cacheredis "github.com/starlinghq/starling/internal/cache/redis"
	"github.com/starlinghq/starling/internal/testenv"
)

// say sends one command to a server and returns the first line of its answer.
func say(addr, command string) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && strings.HasPrefix(line, "-") {
		err = fmt.Errorf("%s: %s", command, line)
	}
	return strings.TrimSpace(line), err
}

// startCluster starts two nodes of which each has half of the slots.
func startCluster(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		testenv.Missing(t, "private", "install redis-server: "+err.Error())
	}
	var addrs []string
	for range 2 {
		port, bus := freePort(t), freePort(t)
		dir := t.TempDir()
		cmd := exec.Command("redis-server", "--port", port, "--cluster-port", bus, "--bind", "127.0.0.1", "--dir", dir,
			"--save", "", "--appendonly", "no", "--cluster-enabled", "yes")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // it reports the kill
		})
		addrs = append(addrs, "127.0.0.1:"+port)
		half := []string{"0 8191", "8192 16383"}[len(addrs)-1]
		testenv.Eventually(t, 10*time.Second, func() error {
			_, err := say(addrs[len(addrs)-1], "CLUSTER ADDSLOTSRANGE "+half)
			return err
		})
		if len(addrs) == 2 {
			if _, err := say(addrs[0], fmt.Sprintf("CLUSTER MEET 127.0.0.1 %s %s", port, bus)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, addr := range addrs {
		testenv.Eventually(t, 20*time.Second, func() error {
			line, err := say(addr, "SET x 1") // belongs to the second half
			if addr == addrs[0] && err != nil && strings.Contains(err.Error(), "MOVED") {
				return nil
			}
			if err == nil && line != "+OK" {
				err = fmt.Errorf("not ready: %s", line)
			}
			return err
		})
	}
	return addrs
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestSuiteOnACluster: everything that a script touches lies in one slot, and
// what waits for invalidations waits for those of the node concerned.
func TestSuiteOnACluster(t *testing.T) {
	addrs := startCluster(t)
	join := func(t testing.TB) *cacheredis.Cache {
		c, err := cacheredis.Open(t.Context(), cacheredis.Config{Addresses: addrs[:1], FeedShards: 256, Timeout: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	cachetest.Run(t, func(t testing.TB) cachetest.Harness {
		return cachetest.Harness{
			Cache: join(t), Peer: join(t),
			Lacks: map[string]string{"Advance": "a server's clock cannot be moved", "Away": "TestSuite takes a server away"},
		}
	})
}
