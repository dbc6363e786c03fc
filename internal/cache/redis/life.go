package cacheredis

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// A cache may be lost, never be old. A server that was restarted from a dump,
// or a replica that was promoted, holds what it missed the deletes of. So a
// server's data counts only while the server remembers that we emptied it, by
// something that it forgets with its life and tells no replica: a script that
// was loaded into it. (Before Redis 7 scripts went into dumps and to replicas:
// such servers are refused.) It is asked at every new connection, before that is used,
// and now and then, for one that is promoted while we are connected.

const (
	lifeLook    = time.Second
	lifeTimeout = 2 * time.Second
)

// mark is the script that a server of ours remembers. Each database of a server
// has its own.
func (cfg Config) mark() (text, hash string) {
	text = fmt.Sprintf("return 'database %d belongs to Starling'", cfg.Database)
	sum := sha1.Sum([]byte(text))
	return text, hex.EncodeToString(sum[:])
}

// dial connects, and sees to it that the server has nothing of an earlier life.
// It looks on a connection beside the new one and after it, so that one which
// restarts in between takes the new one along.
func (c *Cache) dial(ctx context.Context, addr string, d *net.Dialer, secure *tls.Config) (net.Conn, error) {
	conn, err := connect(ctx, addr, d, secure)
	if err != nil {
		return nil, err
	}
	if err := c.checkServer(ctx, addr); err != nil {
		return nil, errors.Join(fmt.Errorf("cacheredis: is %s empty or ours: %w", addr, err), conn.Close())
	}
	return conn, nil
}

func connect(ctx context.Context, addr string, d *net.Dialer, secure *tls.Config) (net.Conn, error) {
	if secure == nil {
		return d.DialContext(ctx, "tcp", addr)
	}
	return (&tls.Dialer{NetDialer: d, Config: secure}).DialContext(ctx, "tcp", addr)
}

// checkServer empties a server that does not remember us.
func (c *Cache) checkServer(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, lifeTimeout)
	defer cancel()
	one, err := rueidis.NewClient(c.cfg.option(func(o *rueidis.ClientOption) {
		o.InitAddress, o.ForceSingleClient, o.DisableCache, o.DisableRetry = []string{addr}, true, true, true
	}))
	if err != nil {
		return err
	}
	defer one.Close()
	return c.checkLife(ctx, addr, one)
}

// checkLife empties a node that does not remember us. A replica is left alone:
// nothing is read from it, and when it is promoted it does not remember.
func (c *Cache) checkLife(ctx context.Context, addr string, node rueidis.Client) error {
	text, hash := c.cfg.mark()
	known, err := node.Do(ctx, node.B().ScriptExists().Sha1(hash).Build()).AsIntSlice()
	if err != nil {
		return err
	}
	if len(known) == 1 && known[0] == 1 {
		return nil
	}
	if err := checkRelease(ctx, node); err != nil {
		return err
	}
	replica, err := empty(ctx, node)
	if replica {
		return nil
	}
	if err == nil {
		err = node.Do(ctx, node.B().ScriptLoad().Script(text).Build()).Error()
	}
	if err == nil {
		c.log.InfoContext(ctx, "emptied a cache of an earlier life", "server", addr)
	}
	return err
}

// empty forgets what our database of a node holds. A replica follows its
// master in that, and takes no orders.
func empty(ctx context.Context, node rueidis.Client) (replica bool, err error) {
	err = node.Do(ctx, node.B().Flushdb().Build()).Error()
	if err != nil && strings.HasPrefix(err.Error(), "READONLY") {
		return true, nil
	}
	return false, err
}

// oldest is the first major release that forgets scripts with its life.
const oldest = 7

// checkRelease refuses a server whose memory of us would prove nothing.
func checkRelease(ctx context.Context, node rueidis.Client) error {
	info, err := node.Do(ctx, node.B().Info().Section("server").Build()).ToString()
	if err != nil {
		return err
	}
	if r := release(info); major(r) < oldest {
		return fmt.Errorf("release %q of Redis keeps scripts with its data; use %d or later", r, oldest)
	}
	return nil
}

// release is the version that INFO names; those that are compatible with Redis
// name the one that they are compatible with.
func release(info string) string {
	for line := range strings.Lines(info) {
		if r, ok := strings.CutPrefix(line, "redis_version:"); ok {
			return strings.TrimSpace(r)
		}
	}
	return ""
}

func major(release string) int {
	first, _, _ := strings.Cut(release, ".")
	n, _ := strconv.Atoi(first) // 0 where it is no number, which is refused
	return n
}

// Run looks after the servers' lives until ctx ends.
func (c *Cache) Run(ctx context.Context) error {
	tick := time.NewTicker(lifeLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := c.checkLives(ctx); err != nil && ctx.Err() == nil {
				c.log.WarnContext(ctx, "the cache is away", "error", err)
			}
		}
	}
}

func (c *Cache) checkLives(ctx context.Context) error {
	limited, cancel := c.limited(ctx)
	defer cancel()
	var errs []error
	for addr, node := range c.plain.Nodes() {
		errs = append(errs, c.checkLife(limited, addr, node))
	}
	return errors.Join(errs...)
}
