//! A player and its thread, driven as a host would.
