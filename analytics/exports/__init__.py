"""What others are given: Parquet by day, FOCUS for finance, and OpenTelemetry's signals."""
