package proc_test

import (
	"os"
	"testing"

	"github.com/starlinghq/starling/ops/proc"
)

func TestMemory(t *testing.T) {
	now, err := proc.Resident(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	most, err := proc.Peak(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if now < 1<<20 || most < 1<<20 {
		t.Errorf("this process has %d bytes and had at most %d", now, most)
	}
	if free, err := proc.Available(); err != nil || free <= 0 {
		t.Errorf("available: %d, %v", free, err)
	}
	if _, err := proc.Resident(1 << 30); err == nil {
		t.Error("a process that cannot be has memory")
	}
}
