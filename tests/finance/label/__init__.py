"""Labels of loans and transition finance."""
