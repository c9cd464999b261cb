// Store is the command line with an exporter for OpenTelemetry. It sends traces and metrics
// to where OTEL_EXPORTER_OTLP_ENDPOINT says, by HTTP; the other OTEL_ variables hold as well.
// Where that is not set it is the ordinary program.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/tenantstore/store/cmd"
	storeotel "github.com/tenantstore/store/pkg/store/otel"
)

// patience bounds sending what is left at the end.
const patience = 5 * time.Second

func main() { os.Exit(run()) }

// run runs the program and sends what it did. What cannot be sent is said; it changes no
// exit code.
func run() int {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		return cmd.Main(os.Args[1:])
	}
	ctx := context.Background()
	observer, end, err := export(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "store: telemetry:", err)
		return cmd.Main(os.Args[1:])
	}
	code := cmd.MainWith(os.Args[1:], observer)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := end(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "store: warning: telemetry was lost:", err)
	}
	return code
}

// export makes an observer whose spans and measurements are sent.
func export(ctx context.Context) (*storeotel.Observer, func(context.Context) error, error) {
	spans, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, err
	}
	measurements, err := otlpmetrichttp.New(ctx)
	if err != nil {
		return nil, nil, err
	}
	tracer := trace.NewTracerProvider(trace.WithBatcher(spans))
	meter := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(measurements)))
	observer, err := storeotel.New(storeotel.Options{Tracer: tracer, Meter: meter})
	end := func(ctx context.Context) error {
		return errors.Join(tracer.Shutdown(ctx), meter.Shutdown(ctx))
	}
	return observer, end, err
}
