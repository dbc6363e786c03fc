// Package fleet runs the services of docker-compose.yml as processes of this
// machine, on servers that somebody else started, and lets its caller end,
// pause and restart each of them.
//
// Promises:
//
//  1. Every role of the compose file runs as often as it says, with its
//     environment at addresses of this machine; the router runs twice, so that
//     one of them can be stopped under load.
//  2. A process that ends by itself is started again after a second, as
//     `restart: unless-stopped` does, and is counted: [Process.Ended].
//  3. A process that was killed or stopped stays down until Start.
//  4. Nothing outlives the program: the kernel ends what it started with it.
//
// Called by ops/chaos and its test. It knows the compose file and the health
// page of a process; it deliberately knows nothing about what goes wrong.
package fleet
