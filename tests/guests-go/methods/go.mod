module methods

go 1.27

require (
	conformance v0.0.0
	go.temporal.io/sdk v1.48.0
)

replace conformance => ../conformance
