// Package judge asks the composer that decides what is right, @apollo/composition, for its verdicts. It runs as a black box in a Node
// process that answers line by line.
//
// The npm folder of the oracle pins it; Install fetches it once. The package is used by the oracle only; nothing that ships runs Node.
package judge
