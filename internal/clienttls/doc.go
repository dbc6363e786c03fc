// Package clienttls makes the TLS configuration of connections to servers out
// of PEM files.
//
// Promises:
//
//  1. Nothing older than TLS 1.2, and the server always proves its name.
//  2. What a file lacks is an error that names the file.
//  3. Each call reads the files anew: certificates change while a process runs,
//     for whoever asks at each connection.
//
// Called by the adapter of RabbitMQ, by app for Redis, and by the router for
// subgraphs. The driver of Cassandra reads its files itself. It imports nothing.
package clienttls
