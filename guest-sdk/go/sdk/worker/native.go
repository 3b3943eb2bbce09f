//go:build !wasip1

package worker

const isComponent = false
