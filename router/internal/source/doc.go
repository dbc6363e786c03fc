// Package source says where supergraphs come from.
//
// A source gives the text of a supergraph; it neither parses nor checks it.
// Today it is a file or a text; a registry and reloading come with the
// operating side of the router.
package source
