package app

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/settings"
)

// Load reads the configuration: the defaults, over them the file (none for
// ""), over it the environment. The error names each setting that is wrong.
func Load(file string, environ []string) (Config, error) {
	c := Default()
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return c, fmt.Errorf("reading the configuration: %w", err)
		}
		if err := settings.Decode(b, &c); err != nil {
			return c, fmt.Errorf("%s: %w", file, err)
		}
	}
	if err := overlay(&c, environ); err != nil {
		return c, err
	}
	return c, nil
}

func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// EnvPrefix begins the name of every environment variable that is a setting.
const EnvPrefix = "STARLING_"

// settings walks over all settings: their dotted names and where they stand.
func (c *Config) settings(yield func(name string, f reflect.StructField, v reflect.Value)) {
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for f := range fields(v.Type()) {
			name := prefix + f.Tag.Get("yaml")
			if f.Type.Kind() == reflect.Struct {
				walk(name+".", v.FieldByIndex(f.Index))
				continue
			}
			yield(name, f, v.FieldByIndex(f.Index))
		}
	}
	walk("", reflect.ValueOf(c).Elem())
}

func envName(setting string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(setting, ".", "_"))
}

// reserved tells variables with the prefix that belong to tests and tools.
func reserved(name string) bool {
	for _, prefix := range []string{"REQUIRE", "SHARED", "TEST_", "DIFF_"} {
		if strings.HasPrefix(name, EnvPrefix+prefix) {
			return true
		}
	}
	return false
}

// overlay sets what the environment names.
func overlay(c *Config, environ []string) error {
	given := map[string]string{}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok && strings.HasPrefix(name, EnvPrefix) && !reserved(name) {
			given[name] = value
		}
	}
	var errs []error
	var known []string
	c.settings(func(name string, _ reflect.StructField, v reflect.Value) {
		env := envName(name)
		known = append(known, env)
		text, ok := given[env]
		if !ok {
			return
		}
		delete(given, env)
		if err := set(v, text); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", env, err))
		}
	})
	for name := range given {
		errs = append(errs, fmt.Errorf("there is no setting %s; did you mean %s?", name, settings.Nearest(name, known)))
	}
	return errors.Join(errs...)
}

func set(v reflect.Value, text string) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		v.SetInt(n)
		return err
	case reflect.Slice:
		list := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		v.Set(reflect.ValueOf(list))
		return nil
	case reflect.Uint32:
		n, err := strconv.ParseUint(text, 10, 32)
		v.SetUint(n)
		return err
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		v.SetFloat(f)
		return err
	}
	return fmt.Errorf("cannot be set from the environment")
}
