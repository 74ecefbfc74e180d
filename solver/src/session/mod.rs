//! A session: dry stems, how they are grouped, and the mix.
