//go:build wasip1

package worker

import _ "go.temporal.io/sdk/internal/wit/exports/wit_exports" // what Isolet calls

const isComponent = true
