"""Time: seasonal adjustment, temporal disaggregation and reconciliation, nowcasts. Arrays in, arrays out."""
