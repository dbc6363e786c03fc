package judge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Subgraph is one subgraph of an input.
type Subgraph struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	SDL  string `json:"sdl"`
}

// Finding is an error or a hint.
type Finding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Verdict is what the judge says of an input. Supergraph is empty where it refuses.
type Verdict struct {
	OK         bool      `json:"ok"`
	Errors     []Finding `json:"errors"`
	Hints      []Finding `json:"hints"`
	Supergraph string    `json:"supergraph"`
	API        string    `json:"api"`
}

// Install fetches the pinned packages into the npm folder if they are not there.
func Install(ctx context.Context, npm string) error {
	if _, err := os.Stat(filepath.Join(npm, "node_modules", "@apollo", "composition")); err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = npm
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("judge: npm ci in %s: %w\n%s", npm, err, out)
	}
	return nil
}

// Process is a Node script that answers each line with a line. It is not safe for concurrent use.
type Process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Start starts a script of the npm folder; what it writes to its standard error goes to log. The process ends with ctx or with Close.
func Start(ctx context.Context, npm, script string, log io.Writer) (*Process, error) {
	cmd := exec.CommandContext(ctx, "node", script)
	cmd.Dir = npm
	cmd.Stderr = log
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("judge: %s: %w", script, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("judge: %s: %w", script, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("judge: start %s: %w", script, err)
	}
	return &Process{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<20)}, nil
}

// Ask sends a question as one line of JSON and reads the answer.
func (p *Process) Ask(question, answer any) error {
	line, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("judge: ask: %w", err)
	}
	reply, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("judge: no answer: %w", err)
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		return fmt.Errorf("judge: answer %.200q: %w", reply, err)
	}
	return nil
}

// Close ends the process and waits for it.
func (p *Process) Close() error {
	err := p.in.Close()
	return errors.Join(err, p.cmd.Wait())
}

// Verdict asks for the verdict on one input; api asks for its API schema too.
func (p *Process) Verdict(subgraphs []Subgraph, api bool) (*Verdict, error) {
	var v Verdict
	err := p.Ask(map[string]any{"subgraphs": subgraphs, "api": api}, &v)
	return &v, err
}
