//! Renders a schedule and its reverse.
