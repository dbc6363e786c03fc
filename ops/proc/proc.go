// Package proc reads what the kernel of a Linux machine tells of memory, of
// one process or of all: what bench and chaos measure from outside.
package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Resident returns the memory that a process has now, in bytes.
func Resident(pid int) (int64, error) { return memory(status(pid), "VmRSS:") }

// Peak returns the most that a process has had, in bytes.
func Peak(pid int) (int64, error) { return memory(status(pid), "VmHWM:") }

// Available returns how many bytes programs may still take.
func Available() (int64, error) { return memory("/proc/meminfo", "MemAvailable:") }

func status(pid int) string { return fmt.Sprintf("/proc/%d/status", pid) }

// memory reads one line of a file that counts in units of 1,024 bytes.
func memory(file, field string) (int64, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == field {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("proc: %s has no %s", file, field)
}
