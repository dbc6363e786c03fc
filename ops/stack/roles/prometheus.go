package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// scrape is the configuration of Prometheus for the containers.
const scrape = "ops/deploy/prometheus.yml"

// prometheus starts Prometheus where it is installed, on the configuration of
// the containers with the addresses of this machine. It returns its address, or
// nothing.
func prometheus(o options, at map[string]string) (string, error) {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		return "", nil
	}
	b, err := os.ReadFile(scrape)
	if err != nil {
		return "", err
	}
	var changes []string
	for name, address := range at {
		changes = append(changes, "- "+name+":4000\n", "- "+address+"\n")
	}
	file := filepath.Join(o.dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(changes...).Replace(string(b))), 0o600); err != nil {
		return "", err
	}
	listen := fmt.Sprintf("127.0.0.1:%d", o.firstPort+90)
	return listen, start(o, "prometheus", binary, []string{
		"--config.file=" + file, "--storage.tsdb.path=" + filepath.Join(o.dir, "prometheus"), "--web.listen-address=" + listen,
	}, nil)
}
