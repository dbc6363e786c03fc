// Package gateway measures our router beside other gateways, in one run and on
// one supergraph: the four subgraphs of package standin.
//
// What is measured is the gateway's own: CPU of its processes, peak memory,
// what it asks of the subgraphs, the time from its start to its first right
// answer. The load and the subgraphs are processes of their own. Each request
// carries a token of its own that must arrive at the subgraphs, so no two can
// share anything.
//
// Promises:
//
//  1. Nothing is measured before every gateway's answer equals the one that is
//     computed from the data without any gateway; each answer under load is
//     checked too.
//  2. The gateways take turns, round by round, so that what else the machine
//     does hits all alike; ratios are taken within a round, and their median
//     counts.
//  3. A peer that cannot be installed or started is named in the table.
//  4. What was started is stopped, whatever happens; ports are free ones.
//
// The bench command calls [Run]. Peers are npm packages, pinned with all they
// need in peers/, each in a folder of its own below the user's cache folder;
// they are run and never read. Tests run ours alone for a moment.
//
// It decides nothing: aims that are missed are said to be missed.
package gateway
