package queuerabbitmq

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/clienttls"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Config says where the broker is, which queues there are, and when they are
// full. Zero fields take the values of [Default].
type Config struct {
	// URLs are the nodes of one broker, amqp://HOST:PORT/VHOST or amqps://. They
	// are tried in turn.
	URLs []string
	// User and PasswordFile replace what the URLs say. The file is read at every
	// connection, so that a password can change while the process runs.
	User         string
	PasswordFile string
	// TLS is about connections by amqps. Its files, too, are read at each.
	TLS clienttls.Files
	// Name is what the broker's tools call the connections.
	Name string

	// Members are names under which other processes find this one present, as
	// that of a worker and its number.
	Members []string

	// Prefix stands before the name of every exchange and queue, for systems
	// that share a virtual host.
	Prefix   string
	Shards   int             // queues of each family, 1 to 4,096
	Families []social.Family // nil means every family of package social
	// Limits is how many messages of a family may wait before Admit and Publish
	// refuse more. Families without an entry have no limit, as those must be that
	// workers relay to: owners would wait for each other in a circle.
	Limits map[social.Family]int64
	// Rungs is how long a message rests on each rung of the ladder, to the
	// millisecond. It is fixed once the queues are declared.
	Rungs [rungs]time.Duration

	Window    int           // messages of mutations on their way and not yet confirmed
	Patience  time.Duration // how long Publish waits for room in the window, or for the broker
	Refresh   time.Duration // age at which known depths are read again
	Heartbeat time.Duration // whole seconds; a silent broker is given up after three halves of it
	Logger    *slog.Logger
}

const rungs = 3

// Default returns the settings of a system on one machine.
func Default() Config {
	return Config{
		URLs: []string{"amqp://guest:guest@127.0.0.1:5672/"},
		Name: "starling", Shards: 16,
		Families: social.Families(),
		Rungs:    [rungs]time.Duration{queue.Rung1s.Delay(), queue.Rung10s.Delay(), queue.Rung60s.Delay()},
		Window:   256, Patience: time.Second, Refresh: 500 * time.Millisecond, Heartbeat: 5 * time.Second,
	}
}

// filled returns c with the defaults in its zero fields.
func (c Config) filled() Config {
	d := Default()
	if c.URLs == nil {
		c.URLs = d.URLs
	}
	if c.Name == "" {
		c.Name = d.Name
	}
	if c.Shards == 0 {
		c.Shards = d.Shards
	}
	if c.Families == nil {
		c.Families = d.Families
	}
	for i := range c.Rungs {
		if c.Rungs[i] == 0 {
			c.Rungs[i] = d.Rungs[i]
		}
	}
	if c.Window == 0 {
		c.Window = d.Window
	}
	if c.Patience == 0 {
		c.Patience = d.Patience
	}
	if c.Refresh == 0 {
		c.Refresh = d.Refresh
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = d.Heartbeat
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

const (
	maxShards = 1 << 12
	maxWindow = 1 << 15 // channels of the client library are made for it
)

// Validate returns everything that is wrong, zero fields aside.
func (c Config) Validate() error {
	c = c.filled()
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("queuerabbitmq: "+format, args...)) }
	if len(c.URLs) == 0 {
		bad("no URL of a broker")
	}
	for i, url := range c.URLs {
		if _, err := amqp.ParseURI(url); err != nil {
			bad("URL %d is not amqp://HOST:PORT/VHOST: %w", i+1, err) // without the URL: it may have a password
		}
	}
	if c.Shards < 1 || c.Shards > maxShards {
		bad("%d shards, between 1 and %d are possible", c.Shards, maxShards)
	}
	for _, f := range c.Families {
		if f == "" || f == familyRetry || strings.ContainsAny(string(f), ". \x00") {
			bad("%q cannot be the name of a family", f)
		}
	}
	for i, d := range c.Rungs {
		if d < time.Millisecond || i > 0 && d < c.Rungs[i-1] {
			bad("rung %d rests %v; rungs rest at least a millisecond and rise", i, d)
		}
	}
	if c.Window < 1 || c.Window > maxWindow {
		bad("a window of %d, between 1 and %d are possible", c.Window, maxWindow)
	}
	if c.Heartbeat < time.Second {
		bad("a heartbeat of %v, at least a second is possible", c.Heartbeat)
	}
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		bad("a client's certificate needs its key, and the other way round")
	}
	return errors.Join(errs...)
}

// login returns who we are for a connection that begins now; nil leaves it to
// the URL.
func (c Config) login(url string) ([]amqp.Authentication, error) {
	if c.User == "" && c.PasswordFile == "" {
		return nil, nil
	}
	uri, err := amqp.ParseURI(url)
	if err != nil {
		return nil, err
	}
	plain := &amqp.PlainAuth{Username: uri.Username, Password: uri.Password}
	if c.User != "" {
		plain.Username = c.User
	}
	if c.PasswordFile != "" {
		b, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("read the password: %w", err)
		}
		plain.Password = strings.TrimRight(string(b), "\r\n")
	}
	return []amqp.Authentication{plain}, nil
}
