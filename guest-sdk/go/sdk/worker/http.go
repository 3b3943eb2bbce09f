//go:build wasip1 && isolet_http

package worker

import _ "go.temporal.io/sdk/internal/http" // sends what net/http is asked to send
