module dynamic

go 1.27

require go.temporal.io/sdk v1.48.0
