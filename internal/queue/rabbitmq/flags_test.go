package queuerabbitmq

import (
	stdflag "flag"
	"testing"
)

// setFlag gives a flag of the test binary another value, unless the command
// line says one.
func setFlag(t *testing.T, name, value string) {
	t.Helper()
	said := false
	stdflag.Visit(func(f *stdflag.Flag) { said = said || f.Name == name })
	if said {
		return
	}
	was := stdflag.Lookup(name).Value.String()
	if err := stdflag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdflag.Set(name, was) })
}
