package app_test

import (
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/app"
)

// TestTLSIsNeverLeftOutSilently: who asks for TLS has it or is told why not.
func TestTLSIsNeverLeftOutSilently(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*app.Config)
		want   string // in the error; empty: none
	}{
		"off": {func(*app.Config) {}, ""},
		"broker on, plain URL": {func(c *app.Config) {
			c.RabbitMQ.TLS.On, c.RabbitMQ.URLs = true, []string{"amqps://a/", "amqp://user:secret@b/"}
		}, "rabbitmq.tls.on"},
		"broker on": {func(c *app.Config) { c.RabbitMQ.TLS.On, c.RabbitMQ.URLs = true, []string{"amqps://a/"} }, ""},
		"broker by its URL": {func(c *app.Config) {
			c.RabbitMQ.TLS.CAFile, c.RabbitMQ.URLs = "ca.pem", []string{"amqps://a/"}
		}, ""},
		"broker, files without TLS": {func(c *app.Config) { c.RabbitMQ.TLS.CAFile = "ca.pem" }, "rabbitmq.tls"},
		"redis, files without TLS":  {func(c *app.Config) { c.Redis.TLS.CAFile = "ca.pem" }, "redis.tls"},
		"redis on":                  {func(c *app.Config) { c.Redis.TLS.On, c.Redis.TLS.CAFile = true, "ca.pem" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := app.Default()
			cfg.Engines, cfg.Auth.SigningKeyFile = "distributed", "key.pem"
			c.change(&cfg)
			err := cfg.Validate()
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want something about %s", err, c.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("a password is told: %v", err)
			}
		})
	}
}
