// Package queuerabbitmq is the queue seam on RabbitMQ, 3.10 and 4: quorum
// queues with one active consumer, for a system of many processes.
//
// How the promises of package queue are kept:
//
//  1. Publish waits for the broker's confirm, which a quorum queue gives when a
//     majority has the message on disk. Messages are published as mandatory:
//     one for which there is no queue comes back and is an error.
//  2. Every queue has a single active consumer. A subscription is one consumer
//     on a channel of its own; when that ends, whoever ended it, the broker
//     gives what is unacknowledged to the next consumer, first and in order.
//  3. A delivery is bound to the epoch of its channel: one of another channel
//     is never acknowledged, because the broker counts them from 1 again. The
//     client library's own recovery lacks this and is not used; the suite has it
//     as a control that loses a message. The broker answers no acknowledgement,
//     so one that a dying connection takes along is not kept, and the deliveries
//     come again.
//  4. The ladder is three queues whose messages expire into the queue that their
//     routing key names, the parking is one behind the exchange starling.dead,
//     where the broker also lays what it delivered 1,000 times. Both ways are
//     confirmed before the origin is acknowledged; the broker's own are
//     dead-lettered at least once.
//  5. At most Config.Window messages of mutations are on their way. Where that
//     is full, the broker away or in alarm, Publish answers ErrOverloaded within
//     Config.Patience. What follows from deliveries has a window of its own and
//     waits. Admission by depth reads the broker's numbers every Config.Refresh,
//     while anybody asks for it, and adds what this process has published since.
//
// How much waits is what the broker has and what every process says it holds
// (roll.go), so that Depths tells that nothing waits anywhere only when it is so.
//
// One connection publishes, another does everything else, because an alarm of
// the broker stops a connection that publishes. [Queue.Run] keeps both up, for
// ever; [Open] declares the topology and says [ErrTopology] where the broker
// has another one.
//
// Workers subscribe, app opens and runs it. Tested by queuetest on a real
// broker, also with connections cut and the broker killed, and by tests of its
// own for what only a broker can do. It deliberately knows no priorities and no
// delayed delivery, and keeps nothing on the client's side.
package queuerabbitmq
