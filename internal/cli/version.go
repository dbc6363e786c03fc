package cli

import (
	"fmt"
	"runtime/debug"
)

// Version returns the version of this build: that of the module, or for a
// build from a checkout "dev" with the commit where it is known.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "dev"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "dev" {
			v += "-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return v
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s Streams) error {
	_, err := fmt.Fprintln(s.Out, "starling", Version())
	return err
}
