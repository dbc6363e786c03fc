package gateway

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// peer is a gateway to measure. Ours is the one without a package.
type peer struct {
	name string
	// pkg is its folder in peers, "" for none.
	pkg string
	// program is how it is started from the folder of its package.
	program func(s *site, port string) []string
	// aims bound our CPU by its.
	aims []aim
}

// site is what gateways are started on.
type site struct {
	cache      string // where packages are installed
	dir        string // files of this run
	supergraph string // a file
	grafbase   string // a file
}

// peers are the gateways in the order of the table.
func peers(cfg Config) []peer {
	list := []peer{starling(ours, cfg.Ours)}
	if cfg.Against != "" {
		list = append(list, starling(ours+" at "+cfg.Against, []string{cfg.Against}))
	}
	if cfg.Alone {
		return list
	}
	return append(list,
		peer{
			name: "Grafbase CLI 0.103.0", pkg: "grafbase", aims: []aim{{1.6}},
			program: func(s *site, port string) []string {
				return []string{
					filepath.Join("node_modules", "@grafbase", "cli-x86_64-unknown-linux-musl", "grafbase"),
					"dev", "-c", s.grafbase, "--listen-address", "127.0.0.1:" + port,
				}
			},
		},
		peer{
			name: "Hive Gateway 2.15.1, Rust planner 1.4.23", pkg: "hive", aims: []aim{{0.5}},
			program: func(s *site, port string) []string {
				return []string{
					node, filepath.Join("node_modules", ".bin", "hive-gateway"), "supergraph", s.supergraph,
					"-c", "gateway.config.mjs", "--host", "127.0.0.1", "--port", port, "--fork", "1", "--hive-router-runtime",
				}
			},
		},
		peer{
			name: "Apollo Gateway 2.14.4, Server 5.5.1", pkg: "apollo",
			program: func(s *site, port string) []string { return []string{node, "gateway.mjs", s.supergraph, port} },
		},
	)
}

// starling is a binary of ours; command is what stands before its arguments.
func starling(name string, command []string) peer {
	return peer{name: name, program: func(s *site, port string) []string {
		return append(slices.Clip(command), "router", "--supergraph", s.supergraph, "--listen", "127.0.0.1:"+port)
	}}
}

const ours = "Starling"

// node is the Node of the peers: the one that their packages bring, so that
// what is installed on the machine makes no difference.
var node = filepath.Join("node_modules", ".bin", "node")

// start starts the peer.
func (p *peer) start(s *site) (*process, string, error) {
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	args := p.program(s, strconv.Itoa(port))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "NODE_ENV=production", "DO_NOT_TRACK=1", "GRAFBASE_TELEMETRY_DISABLED=1")
	if p.pkg != "" {
		cmd.Dir = p.folder(s)
		if !filepath.IsAbs(args[0]) {
			cmd.Path = filepath.Join(cmd.Dir, args[0])
		}
		cmd.Err = nil // it was looked up from another folder
	}
	proc, err := startProcess(cmd, filepath.Join(s.dir, "log-"+strconv.Itoa(port)))
	return proc, "http://127.0.0.1:" + strconv.Itoa(port) + "/graphql", err
}

//go:embed peers
var packages embed.FS

func (p *peer) folder(s *site) string { return filepath.Join(s.cache, p.pkg) }

// installed is the file that says which lock file was installed to its end.
const installed = "installed"

// installTime is how long one peer may take to install.
const installTime = 3 * time.Minute

var errNoNode = errors.New("needs Node with npm")

// install fetches the peer's packages unless they are there.
func (p *peer) install(ctx context.Context, s *site) error {
	if p.pkg == "" {
		return nil
	}
	from := path.Join("peers", p.pkg)
	lock, err := packages.ReadFile(path.Join(from, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	dir := p.folder(s)
	if err := copyFiles(from, dir); err != nil {
		return err
	}
	mark := filepath.Join(dir, installed)
	if have, err := os.ReadFile(mark); err == nil && bytes.Equal(have, lock) {
		return nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errNoNode
	}
	ctx, cancel := context.WithTimeoutCause(ctx, installTime, fmt.Errorf("not installed within %s; run it again", installTime))
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("npm ci: %w: %s", err, first)
	}
	if err := os.WriteFile(mark, lock, 0o644); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}

// copyFiles writes the files of an embedded folder.
func copyFiles(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	files, err := fs.ReadDir(packages, from)
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	for _, f := range files {
		b, err := packages.ReadFile(path.Join(from, f.Name()))
		if err != nil {
			return fmt.Errorf("gateway: %w", err)
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o644); err != nil {
			return fmt.Errorf("gateway: %w", err)
		}
	}
	return nil
}
