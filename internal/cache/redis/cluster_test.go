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

// say sends one command to a server and returns its answer, the first line of it.
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
	answer := bufio.NewReader(conn)
	line, err := answer.ReadString('\n')
	if err == nil && strings.HasPrefix(line, "$") {
		line, err = answer.ReadString('\n') // what came before is its length
	}
	if err == nil && strings.HasPrefix(line, "-") {
		err = fmt.Errorf("%s: %s", command, line)
	}
	return strings.TrimSpace(line), err
}

// node is a server of a cluster.
type node struct{ addr, port, bus string }

func startNode(t *testing.T) node {
	t.Helper()
	n := node{port: freePort(t), bus: freePort(t)}
	n.addr = "127.0.0.1:" + n.port
	cmd := exec.Command("redis-server", "--port", n.port, "--cluster-port", n.bus, "--bind", "127.0.0.1", "--dir", t.TempDir(),
		"--save", "", "--appendonly", "no", "--cluster-enabled", "yes")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it reports the kill
	})
	return n
}

// says sends a command until it is answered, with a certain line if there is one.
func (n node) says(t *testing.T, command, want string) (line string) {
	t.Helper()
	testenv.Eventually(t, 20*time.Second, func() (err error) {
		line, err = say(n.addr, command)
		if err == nil && want != "" && line != want {
			err = fmt.Errorf("%s: %s", command, line)
		}
		return err
	})
	return line
}

// startCluster starts two nodes of which each has half of the slots, and a
// replica of the first.
func startCluster(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		testenv.Missing(t, "private", "install redis-server: "+err.Error())
	}
	first, second, replica := startNode(t), startNode(t), startNode(t)
	first.says(t, "CLUSTER ADDSLOTSRANGE 0 8191", "+OK")
	second.says(t, "CLUSTER ADDSLOTSRANGE 8192 16383", "+OK")
	for _, n := range []node{second, replica} {
		first.says(t, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %s %s", n.port, n.bus), "+OK")
	}
	id := first.says(t, "CLUSTER MYID", "")
	replica.says(t, "CLUSTER REPLICATE "+id, "+OK")
	first.says(t, "CLUSTER REPLICAS "+id, "*1")
	second.says(t, "SET x 1", "+OK") // of its half
	for _, n := range []node{first, replica} {
		testenv.Eventually(t, 20*time.Second, func() error {
			if _, err := say(n.addr, "SET x 1"); err == nil || !strings.Contains(err.Error(), "MOVED") {
				return fmt.Errorf("%s does not know the cluster yet: %w", n.addr, err)
			}
			return nil
		})
	}
	return []string{first.addr, second.addr}
}

func freePort(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(testenv.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestSuiteOnACluster: everything that a script touches lies in one slot, and
// what waits for invalidations waits for those of the node concerned. Replicas
// are known to the client, and nothing is asked of them.
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
