// Package wire stands between a fleet and its broker: a [Tap] hears every event
// that is published and can have it delivered several times; a [Proxy] carries
// the connections of single processes, holds back what they send, and sees what
// was acknowledged and what came again.
//
// Called by ops/chaos. It knows the exchanges of queue/rabbitmq by their names
// and as much of AMQP 0-9-1 as it takes to read deliveries and acknowledgements.
package wire
