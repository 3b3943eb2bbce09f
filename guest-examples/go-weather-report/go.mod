module weather-report

go 1.24

require go.temporal.io/sdk v1.48.0
