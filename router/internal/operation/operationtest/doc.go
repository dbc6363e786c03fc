// Package operationtest generates random valid operations for a schema, for
// tests of planning and of whole routers.
//
// It promises that what it generates is valid by the GraphQL specification
// and, for one seed, always the same. It is used by tests only and knows
// nothing of federation.
package operationtest
