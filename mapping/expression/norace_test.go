//go:build !race

package expression_test

// slowdown is how much slower the code runs than it ships.
const slowdown = 1
