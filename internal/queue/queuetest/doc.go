// Package queuetest is not complete yet.
package queuetest
