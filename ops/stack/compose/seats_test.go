package compose

import (
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/app"
)

// TestWorkersDivideTheShards: the processes of a worker role have the numbers
// from 1 to how many there are, each once.
func TestWorkersDivideTheShards(t *testing.T) {
	c := read(t)
	taken := map[string]map[int]string{}
	members := map[string]int{}
	for _, name := range c.Roles() {
		s := c.Services[name]
		role := strings.TrimPrefix(s.Command[len(s.Command)-1], "--role=")
		if role != "fanout" && !strings.HasPrefix(role, "owner-") {
			continue
		}
		var env []string
		for k, v := range s.Environment {
			env = append(env, k+"="+v)
		}
		cfg, err := app.Load("", env)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if taken[role] == nil {
			taken[role] = map[int]string{}
		}
		w := cfg.Workers
		if other, ok := taken[role][w.Member]; ok {
			t.Errorf("%s and %s are both number %d of %s", other, name, w.Member, role)
		}
		taken[role][w.Member] = name
		if members[role] != 0 && members[role] != w.Members {
			t.Errorf("%s says that %d run %s, another one says %d", name, w.Members, role, members[role])
		}
		members[role] = w.Members
	}
	for role, names := range taken {
		if len(names) != members[role] {
			t.Errorf("%d of %d processes run %s", len(names), members[role], role)
		}
	}
	if len(taken) == 0 {
		t.Error("no worker runs")
	}
}
