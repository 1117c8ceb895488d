//go:build race

package expression_test

// slowdown is what the race detector costs at most, by its own documentation.
const slowdown = 20
