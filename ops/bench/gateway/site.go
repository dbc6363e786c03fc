package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/starlinghq/starling/ops/bench/standin"
	"github.com/starlinghq/starling/schema/compose"
)

// subgraphs are the stand-ins, in a process of their own.
type subgraphs struct {
	at    standin.Addresses
	cmd   *exec.Cmd
	stdin io.Closer
}

// startSubgraphs runs the command that serves them.
func startSubgraphs(command []string) (*subgraphs, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt is for us alone
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("gateway: subgraphs: %w", err)
	}
	s := &subgraphs{cmd: cmd, stdin: in}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.at)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("gateway: subgraphs did not start: %w", err), s.stop())
	}
	return s, nil
}

func (s *subgraphs) stop() error {
	return errors.Join(s.stdin.Close(), s.cmd.Wait())
}

func (s *subgraphs) counts(ctx context.Context) (standin.Counts, error) {
	var c standin.Counts
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.at.Counts, nil)
	if err != nil {
		return c, fmt.Errorf("gateway: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return c, fmt.Errorf("gateway: subgraphs: %w", err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&c); err != nil {
		return c, fmt.Errorf("gateway: subgraphs: %w", err)
	}
	return c, nil
}

// newSite writes the files that gateways read: the supergraph as our composer
// makes it, and the SDLs for the peer that composes itself.
func newSite(ctx context.Context, cfg Config, dir string, at standin.Addresses) (*site, error) {
	s := &site{
		cache: cfg.Cache, dir: dir,
		supergraph: filepath.Join(dir, "supergraph.graphql"),
		grafbase:   filepath.Join(dir, "grafbase.toml"),
	}
	sdl, err := supergraph(ctx, at)
	if err != nil {
		return nil, err
	}
	files := map[string]string{s.supergraph: sdl}
	var toml strings.Builder
	toml.WriteString("[[headers]]\nrule = \"forward\"\nname = \"authorization\"\n")
	for _, g := range standin.Subgraphs() {
		file := filepath.Join(dir, g.Name+".graphqls")
		files[file] = g.SDL
		fmt.Fprintf(&toml, "\n[subgraphs.%s]\nurl = %q\nschema_path = %q\n", g.Name, at.Subgraphs[g.Name], file)
	}
	files[s.grafbase] = toml.String()
	for file, text := range files {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
	}
	return s, nil
}

// supergraph composes the four.
func supergraph(ctx context.Context, at standin.Addresses) (string, error) {
	var in []compose.Subgraph
	for _, g := range standin.Subgraphs() {
		in = append(in, compose.Subgraph{Name: g.Name, URL: at.Subgraphs[g.Name], SDL: g.SDL})
	}
	out, err := compose.Compose(ctx, in)
	if err == nil {
		err = out.Err()
	}
	if err != nil {
		return "", fmt.Errorf("gateway: compose: %w", err)
	}
	return out.Supergraph.SDL(), nil
}
