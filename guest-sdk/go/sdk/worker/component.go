//go:build wasip1

package worker

import _ "go.temporal.io/sdk/internal/guest" // exports what Isolet calls

const isComponent = true
