package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/testenv"
)

// product is a subgraph that answers every query with one product.
func product(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handle != nil {
			handle(w, r)
		}
		_, _ = io.WriteString(w, `{"data":{"topProducts":[{"__typename":"Product","upc":"1","name":"Kettle"}]}}`)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

const topProducts = `{"query":"{ topProducts { name } }"}`

func ask(addr, body string, headers ...string) (int, string, error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+"/graphql", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// startRouter starts `starling router` on the shop with products at url.
func startRouter(t *testing.T, bin, config string) (addr string, cmd *exec.Cmd) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "router.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	addr = testenv.FreeAddress(t)
	began := time.Now()
	cmd = background(t, "http://"+addr+"/ready", bin, "router", "--supergraph", shopSupergraph, "--listen", addr, "--config", file)
	t.Logf("ready after %v", time.Since(began))
	return addr, cmd
}

// term ends a process and returns how long that took.
func term(t *testing.T, cmd *exec.Cmd) (took time.Duration) {
	t.Helper()
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the router ended with %v", err)
	}
	return time.Since(began)
}

// TestRouterIsConfigured: what stands in the file is what happens.
func TestRouterIsConfigured(t *testing.T) {
	t.Setenv("SHOP_KEY", `k": # 1`)
	seen := make(chan http.Header, 10)
	url := product(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Clone() })
	addr, cmd := startRouter(t, build(t), fmt.Sprintf(`
subgraphs:
  products:
    urls: [%s]
    headers: {forward: [Accept-Language], set: {X-Key: "${env.SHOP_KEY}"}}
expose_plan: true
`, url))
	status, body, err := ask(addr, topProducts, "Accept-Language", "de", "Cookie", "c", "Authorization", "Bearer x", "Starling-Plan", "1")
	if err != nil || status != 200 || !strings.HasPrefix(body, `{"data":{"topProducts":[{"name":"Kettle"}]},"extensions":{"plan":`) {
		t.Fatalf("%d %s %v", status, body, err)
	}
	h := <-seen
	for name, want := range map[string]string{"Accept-Language": "de", "X-Key": `k": # 1`, "Authorization": "Bearer x", "Cookie": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("the subgraph got %s %q, want %q", name, got, want)
		}
	}
	resp, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if page, err := io.ReadAll(resp.Body); err != nil || !bytes.Contains(page, []byte("starling_router_request_duration")) {
		t.Errorf("metrics: %v\n%s", err, page)
	}
	if took := term(t, cmd); took > 5*time.Second {
		t.Errorf("an idle router took %v to end", took)
	} else {
		t.Logf("ended after %v", took)
	}
}

// TestRouterEndsInOrder: after TERM nothing more is accepted, and what was
// begun is answered.
func TestRouterEndsInOrder(t *testing.T) {
	inside, gate := make(chan bool, 1), make(chan bool)
	url := product(t, func(http.ResponseWriter, *http.Request) {
		inside <- true
		<-gate
	})
	addr, cmd := startRouter(t, build(t), "subgraphs: {products: {urls: ["+url+"]}}")
	type reply struct {
		body string
		err  error
	}
	answered := make(chan reply, 1)
	go func() {
		_, body, err := ask(addr, topProducts)
		answered <- reply{body, err}
	}()
	<-inside
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, 5*time.Second, func() error {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return nil
		}
		return fmt.Errorf("still accepted: %w", c.Close())
	})
	close(gate)
	if got := <-answered; got.err != nil || got.body != `{"data":{"topProducts":[{"name":"Kettle"}]}}` {
		t.Errorf("what was begun was answered with %s, %v", got.body, got.err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the router ended with %v", err)
	}
}

// TestRouterRefusesToStart: what is wrong is said, with what to do about it.
func TestRouterRefusesToStart(t *testing.T) {
	bin := build(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct{ supergraph, config, want string }{
		"no file":          {filepath.Join(dir, "none"), "", "none: no such file or directory; --supergraph is"},
		"no supergraph":    {write("s", "type Query { a: Int }"), "", "starling schema compose"},
		"no tokens":        {"../../" + shopSupergraph, "jwt: {required: true}", "jwt.issuers"},
		"unknown key":      {"../../" + shopSupergraph, "time_outs: {}", "did you mean timeouts?"},
		"no variable":      {"../../" + shopSupergraph, "subgraphs: {products: {urls: ['${env.STARLING_NOT_SET}']}}", "STARLING_NOT_SET is not set"},
		"no quotes":        {"../../" + shopSupergraph, "subgraphs: {products: {urls: [${env.HOME}]}}", "in quotes"},
		"unknown subgraph": {"../../" + shopSupergraph, "subgraphs: {product: {}}", "no subgraph of that name"},
		"two faults":       {"../../" + shopSupergraph, "subgraphs: {products: {urls: [x]}}\nheaders: {forward: [Connection]}", "Subgraphs[products].URLs"},
		"bad authority":    {"../../" + shopSupergraph, "subgraphs: {products: {tls: {ca_file: /none.pem}}}", "none.pem: no such file or directory\n"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(bin, "router", "--supergraph", c.supergraph, "--listen", testenv.FreeAddress(t), "--config", write("c", c.config))
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) || strings.Contains(string(out), "http://") {
				t.Errorf("ended with %v, want %q in\n%s", err, c.want, out)
			}
		})
	}
}

// TestRouterServesBesideSlowClients: connections that send half a request and
// no more keep nobody from being served.
func TestRouterServesBesideSlowClients(t *testing.T) {
	addr, cmd := startRouter(t, build(t), "subgraphs: {products: {urls: ["+product(t, nil)+"]}}\nlimits: {requests: 2}\ntimeouts: {request: 4s}")
	const slow = 100
	var conns []net.Conn
	for range slow {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"query\":"); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	for range 10 {
		status, body, err := ask(addr, topProducts)
		if err != nil || status != 200 {
			t.Errorf("beside slow clients: %d %s %v", status, body, err)
		}
	}
	for _, c := range conns {
		answer, err := io.ReadAll(c) // to the end: the router hangs up
		if err != nil || !bytes.Contains(answer, []byte(" 408 ")) {
			t.Fatalf("a slow client got %.200s, %v; want 408", answer, err)
		}
		var body struct{ Errors []json.RawMessage }
		if _, text, ok := bytes.Cut(answer, []byte("\r\n\r\n")); !ok || json.Unmarshal(text, &body) != nil || len(body.Errors) != 1 {
			t.Fatalf("a slow client got %s", answer)
		}
	}
	term(t, cmd)
}
