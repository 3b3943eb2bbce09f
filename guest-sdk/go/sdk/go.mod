module go.temporal.io/sdk

go 1.24

require go.temporal.io/api v1.64.3

replace go.temporal.io/api => ../api
